"""What queries about incidents return: four views, each a type that lacks what it withholds.

SSI-FR-33, SSI-FR-34 and design section 5. Every view adds to the one before it:
interested < responsible < raiser < operator. A template or an endpoint that is handed one cannot
show what is not in it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.states import Part, State, Verb
from meterdesk.incidents.rules.targets import ClockKind
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.worktime import Reading


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as read at an instant, with what it was measured by."""

    kind: ClockKind
    target: str
    calendar: str
    provisional: bool
    started_at: datetime
    stopped_at: datetime | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A step of an incident without its words: what, from, to, by which part, when."""

    at: datetime
    done: str
    from_state: State | None
    to_state: State
    by: str
    change: str


@dataclass(frozen=True, slots=True)
class ReasonedLine(HistoryLine):
    """A step with the reason that was given."""

    why: str


@dataclass(frozen=True, slots=True)
class UpdateLine:
    """Something that was written."""

    at: datetime
    by: str
    part: Part
    audience: Audience
    text: str


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """A file on the incident; its size in bytes."""

    id: int
    name: str
    content_type: str
    size_bytes: int
    by: str
    audience: Audience
    at: datetime


@dataclass(frozen=True, slots=True)
class InterestedView:
    """For interested parties: no raising individual, no contacts, no words written on it.

    Attributes:
        part: what the reader is to the incident.
        verbs: what the reader may do to it now.
        audiences: the types of update the reader may write; empty: none.
        diagnosis_outcome: the likely cause that Diagnose named, or that it was not run.
        repeat_of: reference of the earlier incident, when the reader may see that one too.
        reopen_until: until when it can be reopened, once resolved.
    """

    reference: str
    state: State
    part: Part
    area: Area
    category: int
    category_meaning: str
    priority: int
    summary: str
    notes: str
    your_reference: str
    raising_organisation: str
    device_id: str | None
    hub_id: str | None
    hub_model: str
    hub_version: str
    mpxns: tuple[str, ...]
    uprn: str
    postcode: str
    responsible: str
    diagnosis_outcome: str
    repeat_of: str | None
    occurred_at: datetime
    raised_at: datetime
    updated_at: datetime
    responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopen_until: datetime | None
    clocks: tuple[ClockView, ...]
    history: tuple[HistoryLine, ...]
    verbs: tuple[Verb, ...]
    audiences: tuple[Audience, ...]
    version: int

    @property
    def target_at(self) -> datetime | None:
        """Target resolution instant; None while the clock is paused (SSI-FR-34)."""
        resolution = next((c for c in self.clocks if c.kind is ClockKind.RESOLUTION), None)
        return resolution.reading.due_at if resolution else None


@dataclass(frozen=True, slots=True)
class ResponsibleView(InterestedView):
    """For the party that resolves: contacts and what is written to it, not the raiser's name."""

    business_impact: str
    contact: Contact
    additional_contact: Contact | None
    responsible_reason: str
    diagnosis: dict[str, Any] | None
    diagnosis_not_run: str
    resolution: str
    resolution_code: str
    updates: tuple[UpdateLine, ...]
    attachments: tuple[AttachmentLine, ...]


@dataclass(frozen=True, slots=True)
class RaiserView(ResponsibleView):
    """For the raiser's UserId: all but internal notes.

    `raised_for` is empty where Meterdesk itself raised it for the operator.
    """

    raised_by: str
    raised_for: str


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A UserId that is told of the incident, with its organisation, and why."""

    user_id: str
    organisation: str
    why: str


@dataclass(frozen=True, slots=True)
class OperatorView(RaiserView):
    """For the operator's desk: everything."""

    impact: int
    urgency: int
    assigned_group: str
    assigned_person: str
    responsible_user_id: str | None
    interested: tuple[PartyLine, ...]
    repeats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list, as anybody who may know of it may read it."""

    reference: str
    state: State
    part: Part
    category: int
    priority: int
    summary: str
    device_id: str | None
    mpxns: tuple[str, ...]
    postcode: str
    responsible: str
    raised_at: datetime
    updated_at: datetime
    target: ClockView | None


@dataclass(frozen=True, slots=True)
class RaiserRow(IncidentRow):
    """An incident that the reader's own UserId raised."""

    your_reference: str


@dataclass(frozen=True, slots=True)
class QueueRow(IncidentRow):
    """An incident in the queue of the desk or of a resolver, with who works on it."""

    raising_organisation: str
    assigned_group: str
    assigned_person: str

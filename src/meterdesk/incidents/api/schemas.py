"""What the incident endpoints take and answer; four answers, one for each view."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from meterdesk.incidents.queries import SORTS, WHOSE
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.states import Part, State, Verb
from meterdesk.incidents.rules.targets import ClockKind
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.worktime import Kind
from meterdesk.kernel.worktime import State as ClockState
from meterdesk.platform.api import Paged

Reference = Annotated[str, Field(examples=["INC0000123"], max_length=20)]
Words = Annotated[str, Field(max_length=10_000)]
Line = Annotated[str, Field(max_length=300)]
ScaleOfThree = Annotated[int, Field(ge=1, le=3)]
ScaleOfFive = Annotated[int, Field(ge=1, le=5)]


class ContactBody(Schema):
    """Whom to speak to."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)
    telephone: str = Field(min_length=1, max_length=40)
    email: str = Field("", max_length=254)

    def as_contact(self) -> Contact:
        """As the action takes it."""
        return Contact(self.first_name, self.last_name, self.telephone, self.email)


class SegmentOut(Schema):
    """A stretch of a clock's time and what became of it."""

    kind: Kind
    start: datetime
    end: datetime
    reason: str


class ClockOut(Schema):
    """A clock: state, working time in seconds, and how it was worked out (IM-12)."""

    clock: ClockKind
    state: ClockState
    target: str
    calendar: str
    provisional: bool = Field(description="The times await the operator's confirmation.")
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None = Field(description="Null while the clock is paused.")
    paused_since: datetime | None
    elapsed_seconds: int
    remaining_seconds: int = Field(description="Negative by how much the target is overrun.")
    paused_seconds: int
    segments: list[SegmentOut]


class HistoryItem(Schema):
    """A step; `why` only for those who may read what was written."""

    at: datetime
    done: str
    from_state: State | None
    to_state: State
    by: str
    change: str


class ReasonedItem(HistoryItem):
    """A step with its reason."""

    why: str


class UpdateItem(Schema):
    """Something that was written."""

    at: datetime
    by: str
    part: Part
    audience: Audience
    text: str


class AttachmentItem(Schema):
    """A file on the incident."""

    id: int
    name: str
    content_type: str
    size_bytes: int
    by: str
    audience: Audience
    at: datetime


class InterestedOut(Schema):
    """For an interested party: no raising individual, no contacts, nothing that was written."""

    part: Literal["INTERESTED"]
    reference: Reference
    state: State
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
    mpxns: list[str]
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
    target_at: datetime | None = Field(description="Target resolution; null while paused.")
    clocks: list[ClockOut]
    history: list[HistoryItem]
    verbs: list[Verb] = Field(description="What you may do to it now.")
    audiences: list[Audience] = Field(description="Types of update you may write.")
    version: int


class ResponsibleOut(InterestedOut):
    """For the party that resolves: contacts and what is written to it, not the raiser's name."""

    part: Literal["RESPONSIBLE"]  # type: ignore[assignment]  # each answer says which it is
    history: list[ReasonedItem]  # type: ignore[assignment]  # with reasons
    business_impact: str
    contact: ContactBody
    additional_contact: ContactBody | None
    responsible_reason: str
    diagnosis: dict[str, Any] | None
    diagnosis_not_run: str
    resolution: str
    resolution_code: str
    updates: list[UpdateItem]
    attachments: list[AttachmentItem]


class RaiserOut(ResponsibleOut):
    """For the raiser's UserId: all but internal notes."""

    part: Literal["RAISER"]  # type: ignore[assignment]  # each answer says which it is
    raised_by: str
    raised_for: str


class PartyItem(Schema):
    """A UserId that is told of the incident."""

    user_id: str
    organisation: str
    why: str


class OperatorOut(RaiserOut):
    """For the operator's desk: everything."""

    part: Literal["OPERATOR"]  # type: ignore[assignment]  # each answer says which it is
    impact: int
    urgency: int
    assigned_group: str
    assigned_person: str
    responsible_user_id: str | None
    interested: list[PartyItem]
    repeats: list[str]


IncidentOut = Annotated[
    OperatorOut | RaiserOut | ResponsibleOut | InterestedOut, Field(discriminator="part")
]
_OUT: dict[Part, type[Schema]] = {
    Part.INTERESTED: InterestedOut,
    Part.RESPONSIBLE: ResponsibleOut,
    Part.RAISER: RaiserOut,
    Part.OPERATOR: OperatorOut,
}


def schema_of(part: Part, plain: dict[str, Any]) -> Schema:
    """The answer for a reader's part, from plain values."""
    return _OUT[part].model_validate(plain)


class IncidentItem(Schema):
    """An incident in a list; `your_reference` only where your UserId raised it."""

    reference: Reference
    state: State
    part: Part
    category: int
    priority: int
    summary: str
    device_id: str | None
    mpxns: list[str]
    postcode: str
    responsible: str
    raised_at: datetime
    updated_at: datetime
    target: ClockOut | None
    your_reference: str | None = None


class IncidentPage(Schema):
    """A page of incidents; `next` is null on the last."""

    items: list[IncidentItem]
    next: str | None


class IncidentQuery(Paged):
    """Filters; all may be left out."""

    text: str = Field("", max_length=60, description="A reference, Device ID, MPxN or postcode.")
    state: list[State] = Field(default_factory=list, max_length=6)
    category: ScaleOfFive | None = None
    priority: ScaleOfFive | None = None
    whose: Literal["all", "mine", "raised", "responsible", "interested"] = "all"
    sort: Literal["-raised", "raised", "priority", "-priority"] = "-raised"


assert set(SORTS) == {"-raised", "raised", "priority", "-priority"}  # noqa: S101  the same words
assert set(WHOSE) == {"all", "mine", "raised", "responsible", "interested"}  # noqa: S101


class RaiseIn(Schema):
    """An incident to raise. Either `diagnosis_id` or `diagnosis_not_run` must be given."""

    area: Area
    summary: str = Field(min_length=1, max_length=160)
    contact: ContactBody
    user_id: str | None = Field(
        None, max_length=60, description="Acting for this UserId; needed when there are several."
    )
    device_id: str | None = Field(None, max_length=60)
    mpxn: str | None = Field(None, max_length=60)
    impact: ScaleOfThree = Field(3, description="1 wide, 2 several premises, 3 one.")
    urgency: ScaleOfThree = Field(2, description="1 high, 2 medium, 3 low.")
    category: ScaleOfFive | None = Field(None, description="A proposal; the operator sets it.")
    notes: Words = ""
    business_impact: Words = ""
    your_reference: str = Field("", max_length=60)
    additional_contact: ContactBody | None = None
    occurred_at: AwareDatetime | None = Field(None, description="Left out: now.")
    diagnosis_id: str | None = Field(None, max_length=60, description="Of a diagnosis you made.")
    diagnosis_not_run: Line = ""
    repeat_of: str | None = Field(None, max_length=20)


class UpdateIn(Schema):
    """An update to write."""

    type: Audience
    text: str = Field(min_length=1, max_length=10_000)
    version: int | None = Field(None, ge=0, description="Refused when it changed since.")


class UpdateConfirmation(Schema):
    """That an update was added (SSI-FR-31)."""

    reference: Reference
    type: Audience
    state: State
    version: int


class AttachmentConfirmation(Schema):
    """That a file was added."""

    reference: Reference
    id: int


class TransitionIn(Schema):
    """A step; which fields it takes depends on the verb."""

    verb: Verb
    version: int | None = Field(None, ge=0, description="Refused when it changed since.")
    why: Words = Field("", description="Reason, question, resolution or earlier reference.")
    code: Line = Field("", description="resolve: kind of resolution.")
    category: ScaleOfFive | None = Field(None, description="categorise")
    impact: ScaleOfThree | None = Field(None, description="categorise")
    urgency: ScaleOfThree | None = Field(None, description="categorise")
    priority: ScaleOfFive | None = Field(None, description="categorise: overrides the matrix.")
    group_id: int | None = Field(None, ge=1, le=2**31, description="assign")
    person_id: int | None = Field(None, ge=1, le=2**31, description="assign")
    user_id: str | None = Field(None, max_length=60, description="allocate: to this UserId.")
    organisation_id: int | None = Field(
        None, ge=1, le=2**31, description="allocate: to a service provider or the operator."
    )

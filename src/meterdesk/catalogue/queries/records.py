"""What queries about requests return: the raiser's view, and the desk's with what is its own."""

from dataclasses import dataclass
from datetime import date, datetime

from meterdesk.catalogue.rules.data import RecordName
from meterdesk.catalogue.rules.states import DeliveryState, RequestPart, RequestVerb
from meterdesk.kernel.contacts import Contact


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list of the User that raised it (SSI-FR-53)."""

    reference: str
    request_type: str
    summary: str
    state: DeliveryState
    your_reference: str
    raised_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class QueueRow(RequestRow):
    """A request in the desk's queue."""

    raising_organisation: str
    assigned_person: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A question of the request type with its answer."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A line of the history; `by` is a name on one's own side, else only what it is."""

    verb: str
    done: str
    at: datetime
    by: str
    from_state: DeliveryState | None
    to_state: DeliveryState
    text: str


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """A file on the request."""

    id: int
    name: str
    content_type: str
    size_bytes: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldNow:
    """The datum as the reader sees it now; `as_proposed` when it is what the dispute asked for."""

    value: str
    source: str
    source_at: datetime | None
    as_proposed: bool


@dataclass(frozen=True, slots=True)
class DisputeView:
    """Both values, and where the one held came from at `read_at`.

    `now` is None where the reader may not see the datum today, or it is gone.
    """

    record: RecordName
    datum: str
    label: str
    held_value: str
    held_source: str
    held_source_at: datetime | None
    held_since: str
    read_at: datetime
    proposed_value: str
    proposed_since: date | None
    now: HeldNow | None


@dataclass(frozen=True, slots=True)
class RaiserView:
    """Everything about a request but the desk's own notes (SSI-FR-55)."""

    reference: str
    part: RequestPart
    category: str
    service: str
    request_type: str
    next: str
    state: DeliveryState
    summary: str
    your_reference: str
    raised_by: str
    raised_for: str
    raising_organisation: str
    contact: Contact
    additional_contact: Contact | None
    answers: tuple[AnswerLine, ...]
    dispute: DisputeView | None
    raised_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    reopen_until: datetime | None
    outcome: str
    history: tuple[StepLine, ...]
    attachments: tuple[AttachmentLine, ...]
    verbs: tuple[RequestVerb, ...]
    may_attach: bool
    may_change_contacts: bool
    version: int

    @property
    def question(self) -> str:
        """What the User was asked last."""
        return next((one.text for one in self.history if one.verb == RequestVerb.ASK.value), "")


@dataclass(frozen=True, slots=True)
class OperatorView(RaiserView):
    """For the desk: work notes stand in the history, and who works on it."""

    assigned_person: str


View = RaiserView | OperatorView


@dataclass(frozen=True, slots=True)
class DisputeMark:
    """That a datum is disputed, for those who see the request."""

    reference: str
    record: RecordName
    datum: str
    label: str
    since: datetime

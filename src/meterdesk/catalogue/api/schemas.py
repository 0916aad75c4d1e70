"""What the catalogue's endpoints take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from meterdesk.catalogue.queries import SORTS, WHOSE
from meterdesk.catalogue.rules.data import LONGEST_VALUE, RecordKind
from meterdesk.catalogue.rules.definition import LONGEST_PARAGRAPH, FieldKind, TypeKind
from meterdesk.catalogue.rules.states import DeliveryState, RequestPart, RequestVerb
from meterdesk.kernel.contacts import Contact
from meterdesk.platform.api import Paged

RequestReference = Annotated[str, Field(examples=["REQ0000123"], max_length=20)]
Key = Annotated[
    str,
    Field(
        max_length=120,
        examples=["00-DB-12-34-56-78-90-A1"],
        description="Device ID, MPxN, or a postcode with an optional property behind a comma.",
    ),
]
Words = Annotated[str, Field(max_length=LONGEST_PARAGRAPH)]


class RequestContact(Schema):
    """Whom the desk speaks to (SSI-FR-56)."""

    first_name: str = Field(min_length=1, max_length=100)
    last_name: str = Field(min_length=1, max_length=100)
    telephone: str = Field(min_length=1, max_length=40)
    email: str = Field(min_length=1, max_length=254)

    def as_contact(self) -> Contact:
        """As the action takes it."""
        return Contact(self.first_name, self.last_name, self.telephone, self.email)


class FieldOut(Schema):
    """A question of a request type; `choices` are empty unless it is a choice."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    hint: str
    choices: list[str]


class RequestTypeOut(Schema):
    """Something that can be asked for."""

    code: str
    title: str
    description: str
    next: str = Field(description="What happens once it is raised.")
    kind: TypeKind
    fields: list[FieldOut]


class CatalogueServiceOut(Schema):
    """A service with its request types."""

    code: str
    title: str
    request_types: list[RequestTypeOut]


class CategoryOut(Schema):
    """A business service category with its services."""

    code: str
    title: str
    description: str
    services: list[CatalogueServiceOut]


class CatalogueOut(Schema):
    """What is offered now."""

    version: str
    categories: list[CategoryOut]


class DataQuery(Schema):
    """Which record."""

    kind: RecordKind
    key: Key


class DisputeMarkOut(Schema):
    """An open dispute of the datum."""

    reference: RequestReference
    since: datetime


class DatumOut(Schema):
    """A datum as you see it, with where it came from."""

    name: str
    label: str
    value: str = Field(description="Empty: nothing is held.")
    source: str
    source_at: datetime | None
    since: datetime | None
    choices: list[str] = Field(description="What it can be; empty: any text.")
    disputes: list[DisputeMarkOut]


class RecordOut(Schema):
    """The data of a record that can be disputed."""

    kind: RecordKind
    key: str
    place: str
    data: list[DatumOut]


class DisputeIn(Schema):
    """The datum that is disputed and the value that should stand."""

    kind: RecordKind
    key: Key
    datum: str = Field(max_length=60)
    proposed_value: str = Field(min_length=1, max_length=LONGEST_VALUE)
    proposed_since: date | None = None


class RequestIn(Schema):
    """A request to raise; `dispute` for the type of that kind, and for no other."""

    request_type: str = Field(max_length=40)
    contact: RequestContact
    summary: str = Field("", max_length=160, description="A dispute makes its own.")
    answers: dict[Annotated[str, Field(max_length=40)], Words] = Field(
        default_factory=dict, max_length=100, description="By name of the type's fields."
    )
    user_id: str | None = Field(
        None, max_length=60, description="Your own UserId; needed when there are several."
    )
    your_reference: str = Field("", max_length=60)
    additional_contact: RequestContact | None = None
    dispute: DisputeIn | None = None


class ContactsIn(Schema):
    """The contacts to put in the place of those there are."""

    contact: RequestContact
    additional_contact: RequestContact | None = None


class RequestStepIn(Schema):
    """A step; `text` where the verb asks for words."""

    verb: RequestVerb
    text: Words = ""


class AnswerOut(Schema):
    """A question of the request type with its answer."""

    name: str
    label: str
    value: str


class RequestStepOut(Schema):
    """A line of the history."""

    verb: str
    done: str
    at: datetime
    by: str
    from_state: DeliveryState | None
    to_state: DeliveryState
    text: str


class RequestAttachmentOut(Schema):
    """A file on the request."""

    id: int
    name: str
    content_type: str
    size_bytes: int
    by: str
    at: datetime


class RecordNameOut(Schema):
    """Which record."""

    kind: RecordKind
    key: str


class HeldNowOut(Schema):
    """The datum as you see it now."""

    value: str
    source: str
    source_at: datetime | None
    as_proposed: bool = Field(description="It is the value that was asked for.")


class DisputeOut(Schema):
    """Both values, and where the one held came from when it was raised."""

    record: RecordNameOut
    datum: str
    label: str
    held_value: str
    held_source: str
    held_source_at: datetime | None
    held_since: str
    read_at: datetime
    proposed_value: str
    proposed_since: date | None
    now: HeldNowOut | None = Field(description="Null where you may not see it, or it is gone.")


class ContactOut(Schema):
    """Whom the desk speaks to."""

    first_name: str
    last_name: str
    telephone: str
    email: str


class ServiceRequestOut(Schema):
    """A request; `assigned_person` for the operator's desk alone."""

    reference: RequestReference
    part: RequestPart
    category: str
    service: str
    request_type: str
    state: DeliveryState
    summary: str
    your_reference: str
    raised_by: str
    raised_for: str
    raising_organisation: str
    contact: ContactOut
    additional_contact: ContactOut | None
    answers: list[AnswerOut]
    dispute: DisputeOut | None
    raised_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    reopen_until: datetime | None
    outcome: str
    history: list[RequestStepOut]
    attachments: list[RequestAttachmentOut]
    verbs: list[RequestVerb]
    version: int
    assigned_person: str | None = None


class RequestItem(Schema):
    """A request in a list; the last two for the operator's desk alone."""

    reference: RequestReference
    request_type: str
    summary: str
    state: DeliveryState
    your_reference: str
    raised_at: datetime
    updated_at: datetime
    raising_organisation: str | None = None
    assigned_person: str | None = None


class RequestPage(Schema):
    """A page of requests; `next` is null on the last."""

    items: list[RequestItem]
    next: str | None


class RequestQuery(Paged):
    """Filters; all may be left out."""

    text: str = Field("", max_length=60, description="A reference, Device ID, MPxN or postcode.")
    state: list[DeliveryState] = Field(default_factory=list, max_length=6)
    request_type: str = Field("", max_length=40)
    whose: Literal["all", "mine", "nobody"] = "all"
    sort: Literal["-raised", "raised"] = "-raised"


assert set(SORTS) == {"-raised", "raised"}  # noqa: S101  the same words
assert set(WHOSE) == {"all", "mine", "nobody"}  # noqa: S101


class RequestAttachmentAdded(Schema):
    """That a file was added."""

    reference: RequestReference
    id: int

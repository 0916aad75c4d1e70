"""The trail by API (SSI-FR-6 to 11)."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page
from meterdesk.platform.api import Paged
from meterdesk.trail.queries import (
    DocumentNote,
    MeterReadSearch,
    TrailRecord,
    TrailRow,
    TrailSearch,
    meter_read_record,
    search_meter_reads,
    search_trail,
    trail_record,
)
from meterdesk.trail.rules import MessageKind, MessageRegion, Mode, Status
from meterdesk.trail.rules.searches import end_of, start_of

router = Router(tags=["Service audit trail"])

Moment = Annotated[
    AwareDatetime | date | None,
    Field(
        union_mode="left_to_right",
        description="A day (Europe/London) or an instant with its offset.",
    ),
]
Text = Annotated[str, Field(max_length=60)]


class MessageOut(Schema):
    """A message of the network."""

    id: str
    kind: MessageKind
    user_id: str
    device_id: str
    gbcs_sequence: int | None
    mpxn: str | None
    received_at: datetime
    responded_at: datetime | None
    service_reference: str | None
    service_reference_variant: str | None
    alert_code: str | None
    name: str | None
    status: Status
    response_code: str | None
    request_id_used_again: bool


class MessagePage(Schema):
    """A page of messages, newest first; `next` is the cursor of what follows, null at the end."""

    items: list[MessageOut]
    next: str | None


class StatusChangeOut(Schema):
    """A status and since when."""

    status: str
    at: datetime


class DocumentOut(Schema):
    """How the message came in as a DUIS document."""

    schema_checked: bool
    signature_verified: bool
    sha256: str


class MessageDetailsOut(MessageOut):
    """Everything the trail holds on a message."""

    request_id: str | None
    response_id: str | None
    alert_id: str | None
    csp_region: MessageRegion
    mode_of_operation: Mode
    preceding_request_id: str | None
    preceding_record: str | None
    command_variant: int | None
    response_meaning: str | None
    current_status: str
    anomaly_detection_flag: bool
    status_change_history: list[StatusChangeOut]
    document: DocumentOut | None


class _Listing(Paged):
    """One Device, or the Devices at one meter point or UPRN, and a period."""

    device_id: Text = ""
    mpxn: Text = ""
    uprn: Text = ""
    from_: Moment = Field(None, alias="from")
    to: Moment = None

    @property
    def period(self) -> dict[str, Any]:
        """Both ends as instants; the day named last is within."""
        return {"from_at": as_instant(self.from_, start_of), "to_at": as_instant(self.to, end_of)}


class TrailQuery(_Listing):
    """A search of the service audit trail; exactly one of the three identifiers."""

    srv: Text = ""


class MeterReadQuery(_Listing):
    """A search of meter reads; exactly one of the three identifiers."""

    srv: Annotated[list[str], Field(max_length=4)] = []


def as_instant(moment: datetime | date | None, of_day: Any) -> datetime | None:
    """A moment as an instant; `of_day` says which instant of a day."""
    if moment is None or isinstance(moment, datetime):
        return moment
    instant: datetime = of_day(moment)
    return instant


@router.get(
    "/service-audit",
    response=MessagePage,
    operation_id="search_service_audit",
    summary="Search the service audit trail",
    description=(
        "Messages of the UserIds you act for, own and granted, newest first. Give exactly one of "
        "`device_id`, `mpxn` and `uprn`; `srv`, `from` and `to` narrow it."
    ),
)
def search_service_audit(request: ActorRequest, query: Query[TrailQuery]) -> dict[str, Any]:
    """Messages of one Device, meter point or UPRN."""
    srvs = (query.srv,) if query.srv else ()
    search = TrailSearch(query.device_id, query.mpxn, query.uprn, srvs, **query.period)
    actor = request.actor
    return page_out(search_trail(actor, search, query.page))


@router.get(
    "/service-audit/{id}",
    response=MessageDetailsOut,
    operation_id="get_service_audit_record",
    summary="A message of the service audit trail",
    description="Full details. A message you may not see is answered as one that does not exist.",
)
def get_service_audit_record(request: ActorRequest, id: str) -> MessageDetailsOut:
    """One message of the actor's own trail."""
    return _details(trail_record(request.actor, id))


@router.get(
    "/meter-reads",
    response=MessagePage,
    operation_id="search_meter_reads",
    summary="Search meter-read transactions",
    description=(
        "Meter reads of every User (variants 4.8.1, 4.8.2, 4.8.3 and 4.17), newest first. Give "
        "exactly one of `device_id`, `mpxn` and `uprn`; `srv` may be repeated."
    ),
)
def search_reads(request: ActorRequest, query: Query[MeterReadQuery]) -> dict[str, Any]:
    """Meter reads at one Device, meter point or UPRN."""
    search = MeterReadSearch(
        query.device_id, query.mpxn, query.uprn, tuple(query.srv), **query.period
    )
    actor = request.actor
    return page_out(search_meter_reads(actor, search, query.page))


@router.get(
    "/meter-reads/{id}",
    response=MessageDetailsOut,
    operation_id="get_meter_read",
    summary="A meter-read transaction",
    description="Full details of one meter read, whoever asked for it.",
)
def get_meter_read(request: ActorRequest, id: str) -> MessageDetailsOut:
    """One meter read."""
    return _details(meter_read_record(request.actor, id))


def page_out(page: Page[TrailRow]) -> dict[str, Any]:
    """A page as the API answers it."""
    return {"items": [MessageOut(**_shown(row)) for row in page.items], "next": page.next}


def _shown(row: TrailRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "user_id": row.user_id,
        "device_id": row.device_id,
        "gbcs_sequence": row.gbcs_sequence,
        "mpxn": row.mpxn or None,
        "received_at": row.received_at,
        "responded_at": row.responded_at,
        "service_reference": row.service_reference or None,
        "service_reference_variant": row.srv or None,
        "alert_code": row.alert_code or None,
        "name": row.name or None,
        "status": row.status,
        "response_code": row.response_code or None,
        "request_id_used_again": row.id_used_again,
    }


def _details(record: TrailRecord | None) -> MessageDetailsOut:
    if record is None:
        raise NotVisible("There is no such message that you can see. Check its id.")
    document = record.document
    return MessageDetailsOut(
        **_shown(record.summary),
        request_id=record.request_id or None,
        response_id=record.response_id or None,
        alert_id=record.alert_id or None,
        csp_region=record.csp_region,
        mode_of_operation=record.mode,
        preceding_request_id=record.preceding_request_id or None,
        preceding_record=record.preceding_record or None,
        command_variant=record.command_variant,
        response_meaning=record.summary.response_meaning or None,
        current_status=record.current_status,
        anomaly_detection_flag=record.anomaly_flag,
        status_change_history=[
            StatusChangeOut(status=change.status, at=change.at) for change in record.status_history
        ],
        document=_document(document) if document else None,
    )


def _document(note: DocumentNote) -> DocumentOut:
    return DocumentOut(
        schema_checked=note.schema_checked,
        signature_verified=note.signature_verified,
        sha256=note.sha256,
    )

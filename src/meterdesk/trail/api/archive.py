"""The archive of the trail by API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.platform.api import Paged
from meterdesk.trail.actions import ask_archive
from meterdesk.trail.api.messages import MessagePage, Moment, Text, as_instant, page_out
from meterdesk.trail.queries import MeterReadSearch, TrailSearch, archive_request, recalled
from meterdesk.trail.rules.searches import end_of, start_of

router = Router(tags=["Service audit trail"])


class ArchiveIn(Schema):
    """A search of the archive; exactly one of the three identifiers."""

    device_id: Text = ""
    mpxn: Text = ""
    uprn: Text = ""
    srv: Annotated[list[Text], Field(max_length=4)] = []
    from_: Moment = Field(None, alias="from")
    to: Moment = None
    meter_reads: Annotated[
        bool, Field(description="Meter reads of every User in place of your own messages.")
    ] = False


class ArchiveOut(Schema):
    """A request of the archive; days are UTC days."""

    id: int
    state: str
    first_day: date
    last_day: date
    days: int
    days_done: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime


@router.post(
    "/trail-archive-requests",
    response={202: ArchiveOut},
    operation_id="ask_trail_archive",
    summary="Have the archive searched",
    description=(
        "Messages of days that are no longer online. Ready in a few minutes, kept for seven days; "
        "the same search asked again meanwhile is the same request."
    ),
)
def ask(request: ActorRequest, body: ArchiveIn) -> Any:
    """A search of the archive."""
    kind = MeterReadSearch if body.meter_reads else TrailSearch
    search = kind(
        body.device_id,
        body.mpxn,
        body.uprn,
        tuple(body.srv),
        as_instant(body.from_, start_of),
        as_instant(body.to, end_of),
    )
    now, actor = timezone.now(), request.actor
    return Status(202, archive_request(actor, ask_archive(actor, search, at=now), now))


@router.get(
    "/trail-archive-requests/{asked_id}",
    response=ArchiveOut,
    operation_id="get_trail_archive_request",
    summary="How far a request of the archive is",
    description="Your own requests alone.",
)
def get_request(request: ActorRequest, asked_id: int) -> Any:
    """A request of one's own."""
    return archive_request(request.actor, asked_id, timezone.now())


@router.get(
    "/trail-archive-requests/{asked_id}/messages",
    response=MessagePage,
    operation_id="list_trail_archive_messages",
    summary="Messages found in the archive",
    description="Newest first; details of each by the addresses of messages online.",
)
def list_messages(request: ActorRequest, asked_id: int, query: Query[Paged]) -> dict[str, Any]:
    """What was found."""
    return page_out(recalled(request.actor, asked_id, query.page, timezone.now()))

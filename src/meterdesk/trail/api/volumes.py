"""Figures of the trail by API."""

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.trail.queries import Volume, monthly_figures, monthly_rows
from meterdesk.trail.rules import Mode
from meterdesk.trail.rules.volumes import Timing, VolumeSearch, parse_month

router = Router(tags=["Service audit trail"])


class VolumeQuery(Schema):
    """A month, this one when left out, and perhaps one UserId or one variant."""

    month: Annotated[str, Field(max_length=7, examples=["2026-11"])] = ""
    user_id: Annotated[str, Field(max_length=60)] = ""
    srv: Annotated[str, Field(max_length=10)] = ""


class TimesOut(Schema):
    """Messages by response time class."""

    waiting: int
    within_30_seconds: int
    within_60_seconds: int
    within_24_hours: int
    within_5_days: int
    longer: int
    alert: int


class FiguresOut(Schema):
    """Messages by status and response time; of the responses with a target, those within it."""

    messages: int
    success: int
    failure: int
    in_progress: int
    response_times: TimesOut
    with_target: int
    on_target: int


class VolumeOut(FiguresOut):
    """The figures of a day (Europe/London), a service and a mode; no variant: alerts."""

    day: date
    service_reference_variant: str | None
    mode_of_operation: Mode
    target_response_time: str | None


class VolumesOut(Schema):
    """A month of messages."""

    month: str
    total: FiguresOut
    items: list[VolumeOut]


@router.get(
    "/service-audit-volumes",
    response=VolumesOut,
    operation_id="get_service_audit_volumes",
    summary="How many messages there were",
    description=(
        "Messages of a month of the UserIds you act for, by day, service and mode, with status "
        "and response time classes. Exact as of the last batch taken in, late responses included."
    ),
)
def get_volumes(request: ActorRequest, query: Query[VolumeQuery]) -> dict[str, Any]:
    """A month of messages."""
    month = parse_month(query.month) if query.month else timezone.localdate()
    search = VolumeSearch(month, query.user_id, query.srv)
    actor = request.actor
    figures = monthly_figures(actor, search)
    return {
        "month": f"{search.month:%Y-%m}",
        "total": _figures(figures.total),
        "items": [_row(one) for one in monthly_rows(actor, search)],
    }


def _figures(one: Volume) -> dict[str, Any]:
    return {
        "messages": one.messages,
        "success": one.success,
        "failure": one.failure,
        "in_progress": one.in_progress,
        "response_times": {timing.name.lower(): one.timed(timing) for timing in Timing},
        "with_target": one.with_target,
        "on_target": one.on_target,
    }


def _row(one: Volume) -> dict[str, Any]:
    return _figures(one) | {
        "day": one.day,
        "service_reference_variant": one.srv or None,
        "mode_of_operation": one.mode,
        "target_response_time": one.target or None,
    }

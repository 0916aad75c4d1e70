"""The portfolio by API: Devices and meter points, a page of them or the whole as CSV."""

from datetime import date, datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory import queries
from meterdesk.inventory.actions import note_export
from meterdesk.inventory.queries import PointRow
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.points import OwnRole, PointSearch
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.platform.api import Paged
from meterdesk.registration.rules import MeterPointKind

router = Router(tags=["Inventory"])
_CSV = {
    "responses": {
        200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}}
    }
}
_DAY = "Day such as 2025-03-31."


class PortfolioFilters(Schema):
    """Filters; one that is left out lets every Device pass."""

    whose: str | None = Field(None, description="mine (as when left out) or all.", max_length=10)
    device_type: str | None = Field(None, description="Such as ESME.", max_length=10)
    status: str | None = Field(None, description="An SMI Status.", max_length=30)
    manufacturer: str | None = Field(None, max_length=20)
    model: str | None = Field(None, max_length=20)
    firmware: str | None = Field(None, max_length=20)
    region: str | None = Field(None, description="CSP region.", max_length=20)
    postcode: str | None = Field(None, description="Area or outcode: AB, AB1.", max_length=10)
    installed_from: str | None = Field(None, description=_DAY, max_length=20)
    installed_to: str | None = Field(None, description=_DAY, max_length=20)
    silent_since: str | None = Field(
        None,
        description=f"{_DAY} Not heard of on that day or since; of one's own Devices alone.",
        max_length=20,
    )


class PointFilters(Schema):
    """Filters; one that is left out lets every meter point pass."""

    on: str | None = Field(
        None,
        description=f"{_DAY} Registered as that day ends; of today, now.",
        max_length=20,
    )
    role: str | None = Field(
        None, description=f"What one is there: {', '.join(OwnRole)}.", max_length=20
    )
    postcode: str | None = Field(None, description="Area or outcode: AB, AB1.", max_length=10)
    metered: str | None = Field(None, description="with or without a meter in use.", max_length=10)
    status: str | None = Field(None, description="SMI Status of the meter.", max_length=30)
    change: str | None = Field(
        None, description="yes: a change of supplier or an end is to come.", max_length=5
    )
    agreed: str | None = Field(
        None, description="no: the provider's data are reported to differ.", max_length=5
    )


class _Part(Paged):
    sort: str | None = Field(
        None,
        description="A column, with - in front descending; long lists have one order alone.",
        max_length=20,
    )


class PortfolioQuery(PortfolioFilters, _Part):
    """Filters and the part of the list."""


class PointQuery(PointFilters, _Part):
    """Filters and the part of the list."""


class PortfolioItem(Schema):
    """A Device; `last_contact_date` null: never, or not the reader's to know."""

    device_id: str
    device_type: DeviceType
    mpxn: str | None
    status: DeviceStatus | None
    status_at: datetime | None
    manufacturer: str
    model: str
    firmware: str
    region: str
    installed_date: date | None
    property: str
    postcode: str | None
    uprn: str | None
    last_contact_date: date | None = None


class PortfolioPage(Schema):
    """A page of Devices; `next` is null on the last."""

    items: list[PortfolioItem]
    next: str | None


class PointItem(Schema):
    """A meter point of one's own; `change_at`: another supplier takes over, or it ends."""

    mpxn: str
    kind: MeterPointKind
    roles: list[OwnRole]
    since: datetime
    change_at: datetime | None
    property: str
    street: str
    town: str
    postcode: str
    uprn: str | None
    meter_id: str | None
    meter_status: DeviceStatus | None
    is_disputed: bool


class PointPage(Schema):
    """A page of meter points; `next` is null on the last."""

    items: list[PointItem]
    next: str | None


@router.get(
    "/portfolio",
    response=PortfolioPage,
    operation_id="list_portfolio",
    summary="Devices as a list",
    description="At meter points where one of your UserIds is registered, or all; by Device ID.",
)
def list_portfolio(request: ActorRequest, query: Query[PortfolioQuery]) -> Any:
    """A page of the Devices."""
    search, page = PortfolioSearch.of(query.dict()), query.page
    return queries.portfolio(request.actor, search, page, at=timezone.now())


@router.get(
    "/portfolio.csv",
    operation_id="export_portfolio",
    summary="The whole portfolio as CSV",
    description="Every Device that passes the filters, streamed, without a ceiling.",
    openapi_extra=_CSV,
)
def export_portfolio(
    request: ActorRequest, query: Query[PortfolioFilters]
) -> StreamingHttpResponse:
    """The Devices as a file."""
    actor, at, search = request.actor, timezone.now(), PortfolioSearch.of(query.dict())
    blocks = queries.portfolio_file(actor, search, at=at)
    note_export(actor, search, at=at)
    return StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")


@router.get(
    "/meter-points",
    response=PointPage,
    operation_id="list_meter_points",
    summary="Your meter points as a list",
    description="Where one of your UserIds is registered, in any role, now or on a day; by MPxN.",
)
def list_meter_points(request: ActorRequest, query: Query[PointQuery]) -> Any:
    """A page of the meter points (REG-2)."""
    search, page = PointSearch.of(query.dict()), query.page
    found = queries.meter_points(request.actor, search, page, at=timezone.now())
    return {"items": [_point(row) for row in found.items], "next": found.next}


@router.get(
    "/meter-points.csv",
    operation_id="export_meter_points",
    summary="All your meter points as CSV",
    description="Every meter point that passes the filters, streamed, without a ceiling.",
    openapi_extra=_CSV,
)
def export_meter_points(request: ActorRequest, query: Query[PointFilters]) -> StreamingHttpResponse:
    """The meter points as a file."""
    actor, at, search = request.actor, timezone.now(), PointSearch.of(query.dict())
    blocks = queries.meter_points_file(actor, search, at=at)
    note_export(actor, search, at=at)
    return StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")


def _point(row: PointRow) -> dict[str, Any]:
    own = {name: getattr(row, name, None) for name in PointItem.model_fields}
    where = {name: getattr(row.address, name) for name in ("property", "street", "town")}
    return own | where | {"postcode": row.address.postcode, "uprn": row.uprn or None}

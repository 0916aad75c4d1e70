"""The portfolio by API: a page of it, or the whole as CSV."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from meterdesk.identity.rules import Actor
from meterdesk.inventory.actions import note_export
from meterdesk.inventory.queries import portfolio, portfolio_file
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, PageRequest

router = Router(tags=["Inventory"])


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
    installed_from: str | None = Field(None, description="Day such as 2025-03-31.", max_length=20)
    installed_to: str | None = Field(None, max_length=20)


class PortfolioQuery(PortfolioFilters):
    """Filters and the part of the list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows a page.")
    cursor: str | None = Field(None, description="The `next` of the page before.")


class PortfolioItem(Schema):
    """A Device of the portfolio."""

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


class PortfolioPage(Schema):
    """A page of Devices; `next` is null on the last."""

    items: list[PortfolioItem]
    next: str | None


@router.get(
    "/portfolio",
    response=PortfolioPage,
    operation_id="list_portfolio",
    summary="Devices as a list",
    description="At meter points where one of your UserIds is registered, or all; by Device ID.",
)
def list_portfolio(request: HttpRequest, query: Query[PortfolioQuery]) -> Any:
    """A page of the portfolio."""
    search, page = PortfolioSearch.of(query.dict()), PageRequest(query.limit, query.cursor)
    return portfolio(_actor(request), search, page, at=timezone.now())


@router.get(
    "/portfolio.csv",
    operation_id="export_portfolio",
    summary="The whole portfolio as CSV",
    description="Every Device that passes the filters, streamed, without a ceiling.",
    openapi_extra={
        "responses": {
            200: {
                "description": "The file.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        }
    },
)
def export_portfolio(request: HttpRequest, query: Query[PortfolioFilters]) -> StreamingHttpResponse:
    """The portfolio as a file."""
    actor, at, search = _actor(request), timezone.now(), PortfolioSearch.of(query.dict())
    note_export(actor, search, at=at)
    return StreamingHttpResponse(
        portfolio_file(actor, search, at=at), content_type="text/csv; charset=utf-8"
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor

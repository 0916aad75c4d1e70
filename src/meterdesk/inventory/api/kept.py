"""Filters of the portfolio's lists that one keeps by name, by API."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory import queries
from meterdesk.inventory.actions import change_filter, remove_filter, save_filter
from meterdesk.inventory.rules.points import PointSearch
from meterdesk.inventory.rules.portfolio import PortfolioList, PortfolioSearch
from meterdesk.platform.api import IF_MATCH, name_version, require_version, required_version

router = Router(tags=["Inventory"])
Number = Annotated[int, Field(ge=1, le=2**62)]


class FilterValues(Schema):
    """A name with filters as the list's endpoint takes them."""

    name: str = Field(max_length=80)
    filters: dict[str, str] = Field(
        description='Such as {"status": "Commissioned"}; names that the list has not are left.'
    )


class FilterIn(FilterValues):
    """Filters to keep for one of the lists."""

    of_list: PortfolioList


class FilterOut(Schema):
    """Filters kept by their person alone."""

    id: int
    of_list: PortfolioList
    name: str
    filters: dict[str, str]
    saved_at: datetime
    version: int


class FilterList(Schema):
    """One's own filters of a list, by name."""

    items: list[FilterOut]


class FilterQuery(Schema):
    """Of which list."""

    of_list: PortfolioList = PortfolioList.DEVICES


@router.get(
    "/saved-filters",
    response=FilterList,
    operation_id="list_saved_filters",
    summary="Your saved filters",
)
def list_filters(request: ActorRequest, query: Query[FilterQuery]) -> Any:
    """One's own filters of a list."""
    return {"items": queries.saved_filters(request.actor, query.of_list)}


@router.post(
    "/saved-filters",
    response={201: FilterOut},
    operation_id="save_filter",
    summary="Save filters by a name",
    description="A name that is there already gets the new filters.",
)
def save(request: ActorRequest, response: HttpResponse, body: FilterIn) -> Any:
    """Keep filters."""
    actor = request.actor
    search = _search(body.of_list, body.filters)
    kept = queries.saved_filter(actor, save_filter(actor, body.name, search, at=timezone.now()))
    name_version(response, kept.version)
    return Status(201, kept)


@router.get(
    "/saved-filters/{filter_id}",
    response=FilterOut,
    operation_id="get_saved_filter",
    summary="Saved filters",
)
def get(request: ActorRequest, response: HttpResponse, filter_id: Path[Number]) -> Any:
    """Filters of one's own."""
    kept = queries.saved_filter(request.actor, filter_id)
    name_version(response, kept.version)
    return kept


@router.put(
    "/saved-filters/{filter_id}",
    response=FilterOut,
    operation_id="change_saved_filter",
    summary="Change saved filters",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change(
    request: ActorRequest, response: HttpResponse, filter_id: Path[Number], body: FilterValues
) -> Any:
    """Another name or other filters."""
    actor, version = request.actor, required_version(request)
    held = queries.saved_filter(actor, filter_id)
    search = _search(held.of_list, body.filters)
    change_filter(actor, filter_id, body.name, search, at=timezone.now(), version=version)
    kept = queries.saved_filter(actor, filter_id)
    name_version(response, kept.version)
    return kept


@router.delete(
    "/saved-filters/{filter_id}",
    response={204: None},
    operation_id="remove_saved_filter",
    summary="Remove saved filters",
    openapi_extra={"parameters": [IF_MATCH]},
)
def remove(request: ActorRequest, filter_id: Path[Number]) -> Any:
    """Forget filters of one's own."""
    actor = request.actor
    require_version(request, queries.saved_filter(actor, filter_id).version)
    remove_filter(actor, filter_id, at=timezone.now())
    return Status(204, None)


def _search(of_list: PortfolioList, filters: dict[str, str]) -> PortfolioSearch | PointSearch:
    reads = PortfolioSearch if of_list is PortfolioList.DEVICES else PointSearch
    return reads.of(filters)

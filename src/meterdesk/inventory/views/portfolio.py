"""The portfolio: Devices and meter points as lists, filters kept, and the whole as a file."""

from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory import queries
from meterdesk.inventory.access import sees_contacts
from meterdesk.inventory.actions import note_export, remove_filter, save_filter
from meterdesk.inventory.forms import (
    PointsForm,
    PortfolioForm,
    SavePointsFilterForm,
    SavePortfolioFilterForm,
)
from meterdesk.inventory.queries import Extent
from meterdesk.inventory.rules.portfolio import PortfolioList
from meterdesk.kernel.errors import Refused
from meterdesk.platform import tables
from meterdesk.platform.tables import Column, TableView
from meterdesk.registration.queries import freshness as registration_freshness

PORTFOLIO: Final = tables.register(
    tables.Table(
        "portfolio",
        (
            Column("device_id", "Device ID", sort="device_id", always=True),
            Column("device_type", "Type", sort="device_type"),
            Column("mpxn", "MPxN", sort="mpxn"),
            Column("status", "SMI Status", sort="status"),
            Column("status_at", "Since", sort="status_at"),
            Column("contact", "Last contact", sort="contact"),
            Column("model", "Model", sort="model"),
            Column("firmware", "Firmware", sort="firmware"),
            Column("region", "Region", sort="region"),
            Column("installed", "Installed", sort="installed"),
            Column("place", "Property and postcode", sort="postcode"),
        ),
        sort="device_id",
    )
)
POINTS: Final = tables.register(
    tables.Table(
        "meter-points",
        (
            Column("mpxn", "MPxN", sort="mpxn", always=True),
            Column("roles", "You are"),
            Column("since", "Since", sort="since"),
            Column("change", "Change or end", sort="change"),
            Column("meter", "Meter in use"),
            Column("status", "SMI Status", sort="status"),
            Column("place", "Address", sort="postcode"),
            Column("agreed", "Registration data"),
        ),
        sort="mpxn",
    )
)
_ALWAYS_SORTABLE: Final = frozenset({"device_id", "mpxn"})


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """A page of the Devices; one's own unless all are asked for."""
    actor, form, at = request.actor, PortfolioForm(request.GET), timezone.now()
    context: dict[str, Any] = {
        "form": form,
        "as_of": queries.freshness(),
        "saved": queries.saved_filters(actor, PortfolioList.DEVICES),
        "asks_contacts": sees_contacts(actor, of_all=False),
    }
    if form.is_valid():
        try:
            extent = queries.portfolio_extent(actor, form.search, at=at)
            of_all = form.search.whose == "all"
            without = () if sees_contacts(actor, of_all=of_all) else ("contact",)
            view = tables.view_of(actor, PORTFOLIO, without=without)
            page = queries.portfolio(actor, form.search, view.page(request.GET.get("after")), at=at)
            context |= {"page": page, "extent": extent, "table": _sortable(view, extent)}
            context["save_form"] = SavePortfolioFilterForm(initial=form.search.given())
        except Refused as refused:
            _show(refused, form)
    return render(request, "inventory/portfolio.html", context, status=422 if form.errors else 200)


@require_safe
def points(request: ActorRequest) -> HttpResponse:
    """A page of the meter points where one of the actor's UserIds is registered."""
    actor, form, at = request.actor, PointsForm(request.GET), timezone.now()
    context: dict[str, Any] = {
        "form": form,
        "as_of": registration_freshness(),
        "saved": queries.saved_filters(actor, PortfolioList.POINTS),
    }
    if form.is_valid():
        try:
            extent = queries.meter_points_extent(actor, form.search, at=at)
            view = tables.view_of(actor, POINTS)
            page = view.page(request.GET.get("after"))
            found = queries.meter_points(actor, form.search, page, at=at)
            context |= {"page": found, "extent": extent, "table": _sortable(view, extent)}
            context["save_form"] = SavePointsFilterForm(initial=form.search.given())
        except Refused as refused:
            _show(refused, form)
    return render(request, "inventory/points.html", context, status=422 if form.errors else 200)


def _sortable(view: TableView, extent: Extent) -> TableView:
    """The table with the heads by which a list of this length can be sorted."""
    if extent.is_sortable:
        return view
    columns = (
        column if column.name in _ALWAYS_SORTABLE and column.always else replace(column, sort="")
        for column in view.columns
    )
    return replace(view, columns=tuple(columns))


def _show(refused: Refused, form: PortfolioForm | PointsForm) -> None:
    """Put what was refused at its field. Raises it again when it is none of the form's."""
    if refused.code == "bad_cursor":
        raise refused
    form.refuse(refused)


@require_GET
def download(request: ActorRequest) -> StreamingHttpResponse:
    """Every Device of the portfolio as CSV, without a ceiling (SSI-FR-70)."""
    actor, form, at = request.actor, PortfolioForm(request.GET), timezone.now()
    blocks = queries.portfolio_file(actor, _search(form), at=at)
    note_export(actor, form.search, at=at)
    return _file(blocks, "portfolio.csv")


@require_GET
def download_points(request: ActorRequest) -> StreamingHttpResponse:
    """Every meter point of the list as CSV, without a ceiling (SSI-FR-70)."""
    actor, form, at = request.actor, PointsForm(request.GET), timezone.now()
    blocks = queries.meter_points_file(actor, _search(form), at=at)
    note_export(actor, form.search, at=at)
    return _file(blocks, "meter-points.csv")


def _search(form: Any) -> Any:
    if not form.is_valid():
        raise Refused("Mend the filters first, then download.", code="invalid_filter")
    return form.search


def _file(blocks: Any, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        blocks,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def save(request: ActorRequest) -> HttpResponse:
    """Keep the filters of the Devices by a name."""
    return _save(request, PortfolioForm(request.POST), "inventory:portfolio")


@require_POST
def save_points(request: ActorRequest) -> HttpResponse:
    """Keep the filters of the meter points by a name."""
    return _save(request, PointsForm(request.POST), "inventory:points")


def _save(request: ActorRequest, form: Any, back: str) -> HttpResponse:
    if not form.is_valid():
        raise Refused("Mend the filters first, then save them.", code="invalid_filter")
    save_filter(request.actor, request.POST.get("name", ""), form.search, at=timezone.now())
    return redirect(f"{reverse(back)}?{form.query}")


@require_POST
def remove(request: ActorRequest, filter_id: int) -> HttpResponse:
    """Forget saved filters."""
    of_list = remove_filter(request.actor, filter_id, at=timezone.now())
    is_points = of_list is PortfolioList.POINTS
    return redirect("inventory:points" if is_points else "inventory:portfolio")

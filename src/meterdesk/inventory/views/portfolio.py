"""The portfolio: Devices as a list with filters, saved filters, and the whole of it as a file."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from meterdesk.identity.rules import Actor
from meterdesk.inventory.actions import note_export, remove_filter, save_filter
from meterdesk.inventory.forms import PortfolioForm, SaveFilterForm
from meterdesk.inventory.queries import freshness, portfolio, portfolio_file, saved_filters
from meterdesk.kernel.errors import Refused
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

PORTFOLIO: Final = tables.register(
    tables.Table(
        "portfolio",
        (
            Column("device_id", "Device ID", always=True),
            Column("device_type", "Type"),
            Column("mpxn", "MPxN"),
            Column("status", "SMI Status"),
            Column("status_at", "Since"),
            Column("model", "Model"),
            Column("firmware", "Firmware"),
            Column("region", "Region"),
            Column("installed", "Installed"),
            Column("place", "Property and postcode"),
        ),
    )
)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """A page of the portfolio; one's own Devices unless all are asked for."""
    actor, form = _actor(request), PortfolioForm(request.GET)
    view = tables.view_of(actor, PORTFOLIO)
    context: dict[str, Any] = {
        "form": form,
        "as_of": freshness(),
        "saved": saved_filters(actor),
        "table": view,
    }
    if form.is_valid():
        page = view.page(request.GET.get("after"))
        context["page"] = portfolio(actor, form.search, page, at=timezone.now())
        context["search"] = form.search
        context["save_form"] = SaveFilterForm(initial=form.search.given())
    return render(request, "inventory/portfolio.html", context, status=422 if form.errors else 200)


@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    """Every Device of the portfolio as CSV, without a ceiling (SSI-FR-70)."""
    actor, form, at = _actor(request), PortfolioForm(request.GET), timezone.now()
    if not form.is_valid():
        raise Refused("Mend the filters first, then download.", code="invalid_filter")
    note_export(actor, form.search, at=at)
    return StreamingHttpResponse(
        portfolio_file(actor, form.search, at=at),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="portfolio.csv"'},
    )


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the list by a name."""
    form = PortfolioForm(request.POST)
    if not form.is_valid():
        raise Refused("Mend the filters first, then save them.", code="invalid_filter")
    save_filter(_actor(request), request.POST.get("name", ""), form.search, at=timezone.now())
    return redirect(f"{reverse('inventory:portfolio')}?{form.query}")


@require_POST
def remove(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Forget saved filters."""
    remove_filter(_actor(request), filter_id, at=timezone.now())
    return redirect("inventory:portfolio")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor

"""What people ask of the archive, how far it is, and what was found."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from meterdesk.kernel.errors import Refused
from meterdesk.platform import tables
from meterdesk.platform.tables import Table
from meterdesk.trail.actions import ask_archive
from meterdesk.trail.forms import MeterReadForm, TrailForm
from meterdesk.trail.queries import archive_request, archive_requests, recalled
from meterdesk.trail.views.messages import COLUMNS

RECALLED: Final = tables.register(Table("trail-archive", COLUMNS))


@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: Any) -> HttpResponse:
    """One's own requests of the archive, newest first; a search sent here is a new one."""
    now = timezone.now()
    if request.method != "POST":
        given = {"requests": archive_requests(request.actor, now)}
        return render(request, "trail/archive_requests.html", given)
    meter_reads = request.POST.get("kind") == "meter-reads"
    form = MeterReadForm(request.POST) if meter_reads else TrailForm(request.POST)
    if not form.is_valid():
        raise Refused("Search the trail first, then ask the archive.", code="no_search")
    asked_id = ask_archive(request.actor, form.cleaned_data["search"], at=now)
    return HttpResponseRedirect(reverse("trail:archive_request", args=[asked_id]))


@require_safe
def one(request: Any, asked_id: int) -> HttpResponse:
    """A request of one's own: how far it is, then what was found."""
    now, actor = timezone.now(), request.actor
    there = archive_request(actor, asked_id, now)
    context: dict[str, Any] = {"asked": there, "record_url": "trail:record"}
    if there.meter_reads:
        context["record_url"] = "trail:meter_read"
    if there.is_over:
        context["table"] = view = tables.view_of(actor, RECALLED)
        after = request.GET.get("after")
        context["page"] = recalled(actor, asked_id, view.page(after), now)
    return render(request, "trail/archive_request.html", context)


@require_safe
def progress(request: Any, asked_id: int) -> HttpResponse:
    """The bar of a request under way; tells the page to load again when it is over."""
    there = archive_request(request.actor, asked_id, timezone.now())
    response = render(request, "trail/archive_progress.html", {"asked": there})
    if there.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def download(request: Any, asked_id: int) -> StreamingHttpResponse:
    """What was found, as CSV to be saved (SSI-FR-70)."""
    now, actor = timezone.now(), request.actor
    return tables.export(
        request,
        tables.view_of(actor, RECALLED),
        lambda page: recalled(actor, asked_id, page, now),
        at=now,
    )

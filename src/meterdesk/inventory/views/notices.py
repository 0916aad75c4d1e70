"""Meters taken out of use, for the network companies of their meter points (INV-5)."""

from typing import Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.queries import notices
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

NOTICES: Final = tables.register(
    tables.Table(
        "meters-out-of-use",
        (
            Column("mpxn", "MPxN", always=True),
            Column("device_id", "Device ID"),
            Column("status", "SMI Status"),
            Column("status_at", "Since"),
            Column("told_at", "Told"),
        ),
    )
)


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """Notices, newest first."""
    actor = request.actor
    view = tables.view_of(actor, NOTICES)
    context = {"table": view, "page": notices(actor, view.page(request.GET.get("after")))}
    return render(request, "inventory/notices.html", context)


@require_GET
def download(request: ActorRequest) -> StreamingHttpResponse:
    """All of them as CSV."""
    actor = request.actor
    return tables.export(
        request,
        tables.view_of(actor, NOTICES),
        lambda page: notices(actor, page),
        at=timezone.now(),
    )

"""Meters taken out of use, for the network companies of their meter points (INV-5)."""

from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.rules import Actor
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
def listing(request: HttpRequest) -> HttpResponse:
    """Notices, newest first."""
    actor = _actor(request)
    view = tables.view_of(actor, NOTICES)
    context = {"table": view, "page": notices(actor, view.page(request.GET.get("after")))}
    return render(request, "inventory/notices.html", context)


@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    """All of them as CSV."""
    actor = _actor(request)
    return tables.export(
        request,
        tables.view_of(actor, NOTICES),
        lambda page: notices(actor, page),
        at=timezone.now(),
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor

"""The queue of service requests, for the operator's desk (SSI-FR-52)."""

from typing import Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.catalogue.forms import QueueForm
from meterdesk.catalogue.queries import RequestSearch, columns, search_requests
from meterdesk.identity.queries import ActorRequest
from meterdesk.platform import tables

QUEUE: Final = tables.register(
    tables.Table(
        "desk-requests",
        (
            columns.REFERENCE,
            columns.TYPE,
            columns.SUMMARY,
            columns.RAISER,
            columns.STATE,
            columns.ASSIGNED,
            columns.RAISED,
        ),
        sort="raised",
    )
)


@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    """Requests to work on, open ones unless asked otherwise, oldest first."""
    actor = request.actor
    form, search = _asked(request)
    table = tables.view_of(actor, QUEUE)
    page = search_requests(actor, search, table.page(request.GET.get("after")), count=True)
    return render(request, "desk/requests.html", {"form": form, "table": table, "page": page})


@require_GET
def download(request: ActorRequest) -> StreamingHttpResponse:
    """The same requests, all of them, as CSV to be saved (SSI-FR-70)."""
    actor = request.actor
    _form, search = _asked(request)
    return tables.export(
        request,
        tables.view_of(actor, QUEUE),
        lambda page: search_requests(actor, search, page),
        at=timezone.now(),
    )


def _asked(request: ActorRequest) -> tuple[QueueForm, RequestSearch]:
    given = request.GET.copy()
    given.setdefault("state", "open")
    form = QueueForm(given)
    return form, form.search(sort="raised")

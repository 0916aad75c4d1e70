"""The list of service requests of one's own User (SSI-FR-53)."""

from typing import Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.catalogue.forms import SearchForm
from meterdesk.catalogue.queries import RequestSearch, acting_for, search_requests
from meterdesk.catalogue.queries.columns import RAISED, REFERENCE, STATE, SUMMARY, TYPE
from meterdesk.identity.queries import ActorRequest
from meterdesk.platform import tables

REQUESTS: Final = tables.register(
    tables.Table("service-requests", (REFERENCE, TYPE, SUMMARY, STATE, RAISED), sort="-raised")
)


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """Those of the person's own User, open ones unless asked otherwise (SSI-FR-52a)."""
    form, search = _asked(request)
    actor = request.actor
    table = tables.view_of(actor, REQUESTS)
    context = {
        "form": form,
        "table": table,
        "page": search_requests(actor, search, table.page(request.GET.get("after")), count=True),
        "shows_all": not search.states,
        "may_raise": bool(acting_for(actor)),
    }
    return render(request, "catalogue/requests.html", context)


@require_GET
def download_list(request: ActorRequest) -> StreamingHttpResponse:
    """The same requests, all of them, as CSV to be saved."""
    _form, search = _asked(request)
    actor = request.actor
    return tables.export(
        request,
        tables.view_of(actor, REQUESTS),
        lambda page: search_requests(actor, search, page),
        at=timezone.now(),
    )


def _asked(request: ActorRequest) -> tuple[SearchForm, RequestSearch]:
    """The form with open ones chosen where nothing was, and the search it makes."""
    given = request.GET.copy()
    given.setdefault("state", "open")
    form = SearchForm(given)
    return form, form.search()

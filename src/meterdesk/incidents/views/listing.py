"""The list of incidents (SSI-FR-32)."""

from typing import Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.incidents.forms import SearchForm
from meterdesk.incidents.queries import IncidentSearch, columns, search_incidents
from meterdesk.incidents.rules.states import OPEN_STATES
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

INCIDENTS: Final = tables.register(
    tables.Table(
        "incidents",
        (
            columns.REFERENCE,
            Column(
                "summary",
                "Summary",
                {"Summary": "summary", "Postcode": "postcode", "Your reference": "your_reference"},
            ),
            columns.STATE,
            columns.PRIORITY,
            columns.TARGET,
            Column("part", "You are", {"You are": lambda row: row.part.word.capitalize()}),
            columns.RAISED,
        ),
        sort="-raised",
    )
)


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """Those the person may see, open ones unless asked otherwise; filters stand in the address."""
    form, search, asked = _asked(request)
    actor = request.actor
    table = tables.view_of(actor, INCIDENTS)
    page = search_incidents(actor, search, table.page(request.GET.get("after")), count=True)
    context = {
        "form": form if asked else SearchForm(initial={"state": "open", "whose": "all"}),
        "table": table,
        "page": page,
        "may_raise": actor.may_use("UC_RaiseSMI"),
    }
    return render(request, "incidents/list.html", context)


@require_GET
def download_list(request: ActorRequest) -> StreamingHttpResponse:
    """The same incidents, all of them, as CSV to be saved (SSI-FR-32, SSI-FR-70)."""
    _form, search, _any_asked = _asked(request)
    actor = request.actor
    return tables.export(
        request,
        tables.view_of(actor, INCIDENTS),
        lambda page: search_incidents(actor, search, page),
        at=timezone.now(),
    )


def _asked(request: ActorRequest) -> tuple[SearchForm, IncidentSearch, bool]:
    """The form, the search it makes, and whether anything was chosen in it."""
    form = SearchForm(request.GET)
    asked = any(request.GET.get(name) for name in SearchForm.base_fields if name != "sort")
    return form, form.search(states=frozenset() if asked else OPEN_STATES), asked

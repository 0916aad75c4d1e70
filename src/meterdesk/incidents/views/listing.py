"""The list of incidents (SSI-FR-32)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meterdesk.incidents.forms import SearchForm
from meterdesk.incidents.queries import search_incidents
from meterdesk.incidents.rules.states import OPEN_STATES
from meterdesk.kernel.paging import PageRequest


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Those the person may see, open ones unless asked otherwise; filters stand in the address."""
    form = SearchForm(request.GET)
    asked = any(request.GET.get(name) for name in SearchForm.base_fields if name != "sort")
    search = form.search(states=frozenset() if asked else OPEN_STATES)
    actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    page = search_incidents(actor, search, PageRequest(cursor=request.GET.get("after")), count=True)
    context = {
        "form": form if asked else SearchForm(initial={"state": "open", "whose": "all"}),
        "page": page,
        "may_raise": actor.may_use("UC_RaiseSMI"),
    }
    return render(request, "incidents/list.html", context)

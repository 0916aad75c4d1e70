"""People of one's organisation, for its administrators; of all, for the operator's."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import PeopleFilter
from meterdesk.identity.queries.people import PersonRow
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

PEOPLE: Final = tables.register(
    tables.Table(
        "people",
        (
            Column("username", "Username", sort="username", always=True),
            Column("name", "Name", {"Name": "display_name"}),
            Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
            Column("status", "Status", {"Status": "status_word"}),
            Column("last_login", "Last log-in", {"Last log-in": "last_login_at"}),
        ),
        sort="username",
    )
)


@require_GET
def list_people(request: Any) -> HttpResponse:
    """Username, name, status, last log-in (SSI-FR-59)."""
    form, table = PeopleFilter(request.GET), _table(request)
    page = _found(request, form, table.page(request.GET.get("after")))
    context = {"form": form, "page": page, "table": table}
    return render(request, "identity/people.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same people as CSV to be saved (SSI-FR-59, SSI-FR-70)."""
    form = PeopleFilter(request.GET)
    return tables.export(
        request,
        _table(request),
        lambda page: _found(request, form, page),
        at=timezone.now(),
    )


def _table(request: Any) -> tables.TableView:
    """The table; who administers one organisation only is not shown its name on every row."""
    without = () if request.actor.is_operator else ("organisation",)
    return tables.view_of(request.actor, PEOPLE, without=without)


def _found(request: Any, form: PeopleFilter, page: PageRequest) -> Page[PersonRow]:
    chosen = form.cleaned_data if form.is_valid() else {}
    search = queries.PeopleSearch(
        chosen.get("text", ""), chosen.get("status", ""), sort=request.GET.get("sort", "")
    )
    return queries.people(request.actor, search, page, at=timezone.now())


@require_POST
def unlock(request: Any, person_id: int) -> HttpResponse:
    """Lift a lock."""
    version = request.POST.get("version", "")
    if not version.isdecimal():
        raise Refused("The form is not complete. Load the page again.", status=400)
    username = actions.unlock_person(request.actor, person_id, int(version), at=timezone.now())
    messages.success(request, f"{username} is unlocked and can log in again.")
    return HttpResponseRedirect(reverse("identity:people"))

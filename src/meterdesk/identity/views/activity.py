"""The activity log: an organisation's own, or all of it for the security officer (FSM-10)."""

from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from meterdesk.identity import queries
from meterdesk.identity.forms import ActivityFilter
from meterdesk.identity.queries import ActivityLine
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.activity.reading import trust
from meterdesk.platform.tables import Column

ACTIVITY: Final = tables.register(
    tables.Table(
        "activity",
        (
            Column("at", "When", {"When": "at"}, always=True),
            Column("who", "Who", {"Who": "who"}),
            Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
            Column("what", "What", {"What": "what", "Kind": "area", "Verb": "verb"}),
            Column("about", "About", {"About": "subject"}),
            Column("facts", "Details", {"Details": lambda line: _in_one_line(line.facts)}),
            Column("request", "Request", {"Request id": "request_id"}),
        ),
    )
)


@require_GET
def list_activity(request: Any) -> HttpResponse:
    """A page of the log, newest first; filters stand in the address."""
    form, table = _form(request), _table(request)
    page = _found(request, form, table.page(request.GET.get("after")), count=True)
    context = {"form": form, "page": page, "table": table, "trust": trust()}
    return render(request, "identity/activity.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same entries as CSV to be saved; that is itself recorded."""
    form = _form(request)
    return tables.export(
        request, _table(request), lambda page: _found(request, form, page), at=timezone.now()
    )


def _form(request: Any) -> ActivityFilter:
    organisations = queries.organisations_in_activity(request.actor)
    return ActivityFilter(request.GET, organisations=organisations)


def _table(request: Any) -> tables.TableView:
    without = () if queries.organisations_in_activity(request.actor) else ("organisation",)
    return tables.view_of(request.actor, ACTIVITY, without=without)


def _found(
    request: Any, form: ActivityFilter, page: PageRequest, *, count: bool = False
) -> Page[ActivityLine]:
    search = form.search
    if search is None:
        return Page((), None, 0)
    return queries.activity(request.actor, search, page, count=count)


def _in_one_line(facts: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in facts)

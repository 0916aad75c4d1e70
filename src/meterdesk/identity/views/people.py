"""The lists of people: accounts, and how often they log in (SSI-FR-59, FSM-11)."""

from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from meterdesk.identity import queries
from meterdesk.identity.forms import PeopleFilter, ReportFilter
from meterdesk.identity.queries import PeopleSearch, PersonRow
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

_NAMES: Final = (
    Column("username", "Username", {"Username": "username"}, sort="username", always=True),
    Column("name", "Name", {"Name": "display_name"}, sort="name"),
    Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
)
_DEPARTMENT: Final = Column(
    "department", "Department", {"Department": "department"}, sort="department"
)
_STATUS: Final = Column("status", "Status", {"Status": "status_word"}, sort="status")
_LAST_LOGIN: Final = Column(
    "last_login",
    "Last log-in",
    {"Last log-in": "last_login_at", "Dormant": "is_dormant"},
    sort="last_login",
)
PEOPLE: Final = tables.register(
    tables.Table("people", (*_NAMES, _DEPARTMENT, _STATUS, _LAST_LOGIN), sort="username")
)
LOG_INS: Final = tables.register(
    tables.Table(
        "log-ins",
        (
            *_NAMES,
            _STATUS,
            _LAST_LOGIN,
            Column("log_ins_30", "In 30 days", {"Log-ins in 30 days": "log_ins_30"}, numeric=True),
            Column("log_ins_90", "In 90 days", {"Log-ins in 90 days": "log_ins_90"}, numeric=True),
            Column("days_90", "Days of 90", {"Days with a log-in of 90": "days_90"}, numeric=True),
            _DEPARTMENT,
            Column("line_manager", "Line manager", {"Line manager": "line_manager"}),
            Column("created", "Created", {"Created": "created_at"}),
        ),
        sort="last_login",
    )
)


@require_GET
def list_people(request: Any) -> HttpResponse:
    """Username, name, status, last log-in (SSI-FR-59)."""
    form, table = _filter(request), _table(request, PEOPLE)
    page = _found(request, form, table.page(request.GET.get("after")), PEOPLE)
    context = {"form": form, "page": page, "table": table}
    return render(request, "identity/people.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same people as CSV to be saved (SSI-FR-59, SSI-FR-70)."""
    form = _filter(request)
    return tables.export(
        request,
        _table(request, PEOPLE),
        lambda page: _found(request, form, page, PEOPLE),
        at=timezone.now(),
    )


@require_GET
def log_in_report(request: Any) -> HttpResponse:
    """How often and when last each account was used; dormant ones stand out (FSM-11)."""
    form, table = ReportFilter(request.GET), _table(request, LOG_INS)
    page = _found(request, form, table.page(request.GET.get("after")), LOG_INS)
    context = {
        "form": form,
        "page": page,
        "table": table,
        "rules": queries.own_account_rules(request.actor),
    }
    return render(request, "identity/log_ins.html", context)


@require_GET
def download_report(request: Any) -> StreamingHttpResponse:
    """The report as CSV, department and line manager included (FSM-11)."""
    form = ReportFilter(request.GET)
    return tables.export(
        request,
        _table(request, LOG_INS),
        lambda page: _found(request, form, page, LOG_INS),
        at=timezone.now(),
    )


def _filter(request: Any) -> PeopleFilter:
    offered = queries.offer(request.actor, timezone.now())
    return PeopleFilter(
        request.GET, offered=offered, departments=queries.departments(request.actor)
    )


def _table(request: Any, table: tables.Table) -> tables.TableView:
    """The table; who administers one organisation only is not shown its name on every row."""
    without = () if request.actor.is_operator else ("organisation",)
    return tables.view_of(request.actor, table, without=without)


def _found(
    request: Any, form: ReportFilter, page: PageRequest, table: tables.Table
) -> Page[PersonRow]:
    """People that fit the filters; nobody where a filter cannot be read, which the form says."""
    if not form.is_valid():
        return Page((), None, 0)
    sort = request.GET.get("sort") or table.sort
    search = PeopleSearch(**form.cleaned_data, sort=sort)
    try:
        return queries.people(
            request.actor, search, page, at=timezone.now(), figures=table is LOG_INS
        )
    except Refused as refused:
        if refused.code == "bad_cursor":
            raise
        form.refuse(refused)
        return Page((), None, 0)

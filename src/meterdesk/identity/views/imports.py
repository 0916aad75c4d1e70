"""Many accounts from a file: checked, looked at, opened (FSM-9)."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import ImportForm
from meterdesk.identity.rules.accounts import IMPORT_COLUMNS, IMPORT_ROWS_MOST, RowOutcome
from meterdesk.identity.views.proof import asks_for_proof
from meterdesk.kernel.errors import Refused
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

ROWS: Final = tables.register(
    tables.Table(
        "account-import",
        (
            Column("line", "Line", always=True),
            Column("username", "Username"),
            Column("outcome", "Outcome", {"Outcome": lambda row: row.outcome.word}),
            Column("reason", "Reason"),
        ),
    )
)


@require_http_methods(["GET", "POST"])
def new_import(request: Any) -> HttpResponse:
    """Hand in a file; it is checked and nothing is opened yet."""
    is_given = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_given else ImportForm()
    if is_given and form.is_valid():
        upload = form.cleaned_data["upload"]
        try:
            number = actions.check_import(
                request.actor, upload.name, upload.read(), at=timezone.now()
            )
            return HttpResponseRedirect(reverse("identity:import", args=[number]))
        except Refused as refused:
            form.refuse(refused)
    context = {
        "form": form,
        "imports": queries.account_imports(request.actor),
        "columns": IMPORT_COLUMNS,
        "most": f"{IMPORT_ROWS_MOST:,}",
    }
    status = 422 if form.errors else 200
    return render(request, "identity/new_import.html", context, status=status)


@require_http_methods(["GET", "POST"])
def one_import(request: Any, import_id: int) -> HttpResponse:
    """How far it is, and the report line by line; a POST opens the accounts."""
    if request.method == "POST":
        if asked := asks_for_proof(request):
            return asked
        actions.apply_import(request.actor, import_id, at=timezone.now())
        return HttpResponseRedirect(reverse("identity:import", args=[import_id]))
    report = queries.account_import(request.actor, import_id)
    outcome, table = request.GET.get("outcome", ""), tables.view_of(request.actor, ROWS)
    page = table.page(request.GET.get("after"))
    choices = [(one.value, one.word) for one in RowOutcome if report.counts.get(one)]
    context = {
        "report": report,
        "table": table,
        "page": queries.import_rows(request.actor, import_id, outcome, page),
        "outcome": outcome,
        "choices": [("", "All lines"), *choices],
    }
    return render(request, "identity/import.html", context)


@require_safe
def progress(request: Any, import_id: int) -> HttpResponse:
    """The bar of a file that a job works at; tells the page to load again when it is over."""
    report = queries.account_import(request.actor, import_id)
    response = render(request, "identity/import_progress.html", {"report": report})
    if not report.state.is_busy:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def download_report(request: Any, import_id: int) -> StreamingHttpResponse:
    """The report as CSV."""
    return tables.export(
        request,
        tables.view_of(request.actor, ROWS),
        lambda page: queries.import_rows(
            request.actor, import_id, request.GET.get("outcome", ""), page
        ),
        at=timezone.now(),
    )

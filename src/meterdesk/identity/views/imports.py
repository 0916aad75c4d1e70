"""Many accounts from a file: checked, looked at, opened (FSM-9)."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import ImportForm
from meterdesk.identity.rules.accounts import IMPORT_COLUMNS
from meterdesk.identity.views.proof import asks_for_proof
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.formats import csv_lines

_HEADS: Final = ("Line", "Username", "Outcome", "Reason")


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
    }
    status = 422 if form.errors else 200
    return render(request, "identity/new_import.html", context, status=status)


@require_http_methods(["GET", "POST"])
def one_import(request: Any, import_id: int) -> HttpResponse:
    """The report row by row; a POST opens the accounts."""
    if request.method == "POST":
        if asked := asks_for_proof(request):
            return asked
        actions.apply_import(request.actor, import_id, at=timezone.now())
        messages.success(request, "The accounts are open. Each has been sent a set-up link.")
        return HttpResponseRedirect(reverse("identity:import", args=[import_id]))
    report = queries.account_import(request.actor, import_id)
    return render(request, "identity/import.html", {"report": report})


@require_GET
def download_report(request: Any, import_id: int) -> StreamingHttpResponse:
    """The report as CSV."""
    report = queries.account_import(request.actor, import_id)
    rows = ([row.line, row.username, row.outcome.word, row.reason] for row in report.rows)
    return StreamingHttpResponse(
        csv_lines(_HEADS, rows, bom=True),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="accounts-{report.id}.csv"'},
    )

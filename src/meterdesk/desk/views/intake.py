"""Intake screens: the runs, an upload, one run with its refusals."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.desk.actions.intake import take_in_files
from meterdesk.desk.forms.intake import IntakeForm
from meterdesk.desk.queries.intake import (
    every_refusal_of,
    intake_kinds,
    intake_run,
    intake_runs,
    refusals_of,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.formats import csv_lines
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.intake.runs import REPORT_HEADER, report_row


def _page(request: Any) -> PageRequest:
    return PageRequest(cursor=request.GET.get("after") or None)


@require_safe
def runs(request: Any) -> HttpResponse:
    """Every run, newest first."""
    page = intake_runs(request.actor, _page(request))
    return render(request, "desk/intake_runs.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Any) -> HttpResponse:
    """Files taken in as one run, in the background."""
    kinds = intake_kinds(request.actor)
    if request.method != "POST":
        return render(request, "desk/intake_upload.html", {"form": IntakeForm(kinds)})
    form = IntakeForm(kinds, request.POST, request.FILES)
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            run_id = take_in_files(
                request.actor,
                given["kind"],
                form.uploads,
                given["received_at"],
                dry_run=given["dry_run"],
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error("upload", refused.message)
            status = refused.status
        else:
            return HttpResponseRedirect(reverse("desk:intake-run", args=[run_id]))
    return render(request, "desk/intake_upload.html", {"form": form}, status=status)


@require_safe
def run(request: Any, run_id: int) -> HttpResponse:
    """One run: counts, progress, refusals."""
    context = {
        "run": intake_run(request.actor, run_id),
        "page": refusals_of(request.actor, run_id, _page(request)),
    }
    return render(request, "desk/intake_run.html", context)


@require_safe
def progress(request: Any, run_id: int) -> HttpResponse:
    """The bar of a run under way; tells the page to load again when it is over."""
    there = intake_run(request.actor, run_id)
    response = render(request, "desk/intake_progress.html", {"run": there})
    if there.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_safe
def refusals(request: Any, run_id: int) -> StreamingHttpResponse:
    """All refusals of a run as CSV, to be saved (SSI-NFR-21)."""
    rows = (report_row(refusal) for refusal in every_refusal_of(request.actor, run_id))
    return StreamingHttpResponse(
        csv_lines(REPORT_HEADER, rows, bom=True),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="intake-{run_id}-refused.csv"'},
    )

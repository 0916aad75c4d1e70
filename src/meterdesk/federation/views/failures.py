"""Failed log-ins, found by the reference that the person was given."""

from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from meterdesk.federation import queries
from meterdesk.federation.forms import FailuresFilter
from meterdesk.federation.queries import FailureRow
from meterdesk.federation.rules import shown_reference
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

FAILURES: Final = tables.register(
    tables.Table(
        "failed-log-ins",
        (
            Column("reference", "Reference", {"Reference": "shown"}, always=True),
            Column("at", "When", {"When": "at"}),
            Column("provider", "Identity provider", {"Identity provider": "provider_name"}),
            Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
            Column("happened", "What happened", {"What happened": "happened"}),
        ),
    )
)


@require_GET
def list_failures(request: Any) -> HttpResponse:
    """Failed log-ins, newest first."""
    form, table = FailuresFilter(request.GET), _table(request)
    page = _found(request, form, table.page(request.GET.get("after")))
    context = {"form": form, "page": page, "table": table}
    return render(request, "federation/failures.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same as CSV to be saved."""
    form = FailuresFilter(request.GET)
    return tables.export(
        request, _table(request), lambda page: _found(request, form, page), at=timezone.now()
    )


@require_GET
def failure(request: Any, failure_reference: str) -> HttpResponse:
    """One failed log-in: what was found and what was expected."""
    found = queries.failed_log_in(request.actor, failure_reference)
    context = {"failure": found, "reference": shown_reference(found.reference)}
    return render(request, "federation/failure.html", context)


def _table(request: Any) -> tables.TableView:
    without = () if request.actor.is_operator else ("organisation",)
    return tables.view_of(request.actor, FAILURES, without=without)


def _found(request: Any, form: FailuresFilter, page: PageRequest) -> Page[FailureRow]:
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return queries.failed_log_ins(request.actor, page, text)

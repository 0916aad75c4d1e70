"""The operator's screens of an organisation's officers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meterdesk.identity.queries import colleagues
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations import actions, queries
from meterdesk.organisations.forms import OfficerForm
from meterdesk.organisations.queries import OfficerRecord
from meterdesk.organisations.views.submitting import submitted


@require_http_methods(["GET", "HEAD", "POST"])
def new_officer(request: Any, organisation_id: int) -> HttpResponse:
    """Record an officer."""
    return _officer(request, organisation_id, None)


@require_http_methods(["GET", "HEAD", "POST"])
def officer(request: Any, organisation_id: int, officer_id: int) -> HttpResponse:
    """Change what is recorded of an officer, the last day in office included."""
    found = queries.officer(request.actor, organisation_id, officer_id, at=timezone.now())
    return _officer(request, organisation_id, found)


def _officer(request: Any, organisation_id: int, found: OfficerRecord | None) -> HttpResponse:
    at = timezone.now()
    page = queries.organisation(request.actor, organisation_id, at=at)
    if not page.is_party or page.record.closed_at is not None:
        raise NotVisible()
    initial = (
        {
            "kind": found.kind,
            "name": found.name,
            "email": found.email,
            "telephone": found.telephone,
            "active_from": found.active_from,
            "active_until": found.active_until,
            "person": found.person_id,
            "version": found.version,
        }
        if found
        else {"kind": "SRO", "active_from": at.astimezone(LONDON).date(), "version": 0}
    )
    recorded = found.certificate_pem if found else ""
    people = colleagues(organisation_id)
    form = OfficerForm(
        people, bool(recorded), request.POST or None, request.FILES or None, initial=initial
    )

    def save(given: dict[str, Any]) -> HttpResponse:
        details = form.details(recorded)
        if found is None:
            actions.record_officer(request.actor, organisation_id, details, at=at)
        else:
            version = given["version"]
            actions.save_officer(request.actor, organisation_id, found.id, details, version, at=at)
        messages.success(request, f"{given['name']} is recorded.")
        return redirect("organisations:organisation", organisation_id=organisation_id)

    context = {"page": page, "one": page.record, "officer": found}
    return submitted(request, form, save, "organisations/officer.html", context)

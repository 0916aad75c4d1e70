"""People of one's organisation, for its administrators; of all, for the operator's."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import PeopleFilter
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest


@require_GET
def list_people(request: Any) -> HttpResponse:
    """Username, name, status, last log-in (SSI-FR-59)."""
    form = PeopleFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = queries.people(
        request.actor,
        PageRequest(cursor=request.GET.get("after") or None),
        chosen.get("text", ""),
        chosen.get("status", ""),
        descending=request.GET.get("sort") == "-username",
    )
    context = {"form": form, "page": page, "is_operator": request.actor.is_operator}
    return render(request, "identity/people.html", context)


@require_POST
def unlock(request: Any, person_id: int) -> HttpResponse:
    """Lift a lock."""
    version = request.POST.get("version", "")
    if not version.isdecimal():
        raise Refused("The form is not complete. Load the page again.", status=400)
    username = actions.unlock_person(request.actor, person_id, int(version), at=timezone.now())
    messages.success(request, f"{username} is unlocked and can log in again.")
    return HttpResponseRedirect(reverse("identity:people"))

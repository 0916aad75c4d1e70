"""One's own name, telephone and email address, changed after the first log-in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import DetailsForm
from meterdesk.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
def change_details(request: Any) -> HttpResponse:
    """Change one's details; a new email address waits for its link (FSM-13)."""
    form = DetailsForm(request.POST or None, initial=queries.own_details(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            waiting = actions.change_own_details(
                request.actor, **form.cleaned_data, at=timezone.now()
            )
            messages.success(request, "Your details are saved.")
            if waiting:
                messages.info(
                    request, f"Use the link sent to {waiting}; until then the old address stays."
                )
            return HttpResponseRedirect(reverse("identity:profile"))
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.errors else 200
    return render(request, "identity/own_details.html", {"form": form}, status=status)

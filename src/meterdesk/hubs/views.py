"""Communications Hub availability and diagnostics (SSI-FR-16 to 19)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meterdesk.hubs.actions import open_hub
from meterdesk.hubs.forms import HubForm
from meterdesk.hubs.queries import freshness
from meterdesk.hubs.rules import REQUIRES_COMMUNICATION
from meterdesk.kernel.identifiers import parse_eui


@require_safe
def search(request: Any) -> HttpResponse:
    """The search form; a Device ID leads to its answer."""
    if "device_id" not in request.GET:
        return render(request, "hubs/search.html", {"form": HubForm()})
    form = HubForm(request.GET)
    if form.is_valid():
        return redirect("hubs:status", form.cleaned_data["device_id"])
    return render(request, "hubs/search.html", {"form": form}, status=422)


@require_safe
def status(request: Any, device_id: str) -> HttpResponse:
    """The diagnostics of a hub, already searched (SSI-FR-18, 19)."""
    hub = open_hub(request.actor, parse_eui(device_id), at=timezone.now())
    context = {
        "hub": hub,
        "form": HubForm(initial={"device_id": hub.device_id}),
        "requires_communication": REQUIRES_COMMUNICATION,
        "freshness_at": freshness(),
        "may_raise": request.actor.may_use("UC_RaiseSMI"),
    }
    return render(request, "hubs/status.html", context)

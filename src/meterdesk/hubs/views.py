"""Communications Hub availability and diagnostics (SSI-FR-16 to 19)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from meterdesk.hubs.actions import ask_hub, open_hub
from meterdesk.hubs.forms import AskForm, HubForm
from meterdesk.hubs.queries import freshness, hub_request, hub_requests
from meterdesk.hubs.rules import REQUIRES_COMMUNICATION
from meterdesk.hubs.rules.requests import RequestKind
from meterdesk.kernel.errors import Refused
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
    now = timezone.now()
    hub = open_hub(request.actor, parse_eui(device_id), at=now)
    asked = hub_requests(request.actor, hub.device_id, now)
    context = {
        "hub": hub,
        "requests": asked,
        "under_way": [one for one in asked if not one.state.is_over],
        "kinds": RequestKind,
        "form": HubForm(initial={"device_id": hub.device_id}),
        "requires_communication": REQUIRES_COMMUNICATION,
        "freshness_at": freshness(),
        "may_raise": request.actor.may_use("UC_RaiseSMI"),
    }
    return render(request, "hubs/status.html", context)


@require_POST
def ask(request: Any, device_id: str) -> HttpResponse:
    """Have the hub itself asked (SSI-FR-16a, 16b); pressed twice, the first request counts."""
    form = AskForm(request.POST)
    if not form.is_valid():
        raise Refused("Choose what the hub is to be asked.", code="unknown_kind")
    hub = parse_eui(device_id)
    ask_hub(request.actor, hub, form.cleaned_data["kind"], at=timezone.now())
    return redirect("hubs:status", hub)


@require_safe
def request_progress(request: Any, device_id: str, request_id: int) -> HttpResponse:
    """How far a request to a hub is; tells the page to load again when it is over."""
    there = hub_request(request.actor, parse_eui(device_id), request_id, timezone.now())
    response = render(request, "hubs/request_progress.html", {"one": there})
    if there.state.is_over:
        response["HX-Refresh"] = "true"
    return response

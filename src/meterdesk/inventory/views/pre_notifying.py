"""Pre-notifying a Device: the form, its answers to check, done (INV-2)."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.actions import pre_notify_one
from meterdesk.inventory.forms import PreNotificationForm
from meterdesk.inventory.queries import device, pre_notifiers
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.kernel.identifiers import eui_from_int, parse_eui

INVALID: Final = 422


@require_http_methods(["GET", "HEAD", "POST"])
def pre_notify(request: ActorRequest) -> HttpResponse:
    """The form; what it would do, asked of the same action; then the action itself."""
    actor, at = request.actor, timezone.now()
    choices = [
        (one.eui, f"{one.organisation_name}, {one.user_role.title} ({one.eui})")
        for one in pre_notifiers(actor)
    ]
    if request.method != "POST":
        return _form(request, PreNotificationForm(choices, at))
    if not choices:
        raise NotAllowed()
    form = PreNotificationForm(choices, at, request.POST)
    step = request.POST.get("step")
    if step == "change":
        typed = PreNotificationForm(choices, at)
        typed.initial = dict(request.POST.items())
        return _form(request, typed)
    if not form.is_valid():
        return _form(request, form, INVALID)
    user_id = form.cleaned_data["user_id"]
    try:
        pre_notify_one(actor, user_id, form.wanted, at=at, dry=step != "send")
    except Refused as refused:
        form.refuse(refused)
        return _form(request, form, refused.status)
    if step == "send":
        return redirect("inventory:pre-notified", eui_from_int(form.wanted.device_id))
    context = {
        "form": form,
        "wanted": form.wanted,
        "device_id": eui_from_int(form.wanted.device_id),
        "for_whom": dict(choices)[user_id],
    }
    return render(request, "inventory/pre_notify_check.html", context)


@require_safe
def done(request: ActorRequest, device_id: str) -> HttpResponse:
    """The Device is in the inventory, and what happens next."""
    found = device(request.actor, parse_eui(device_id))
    if found is None:
        raise NotVisible("There is no Device with this Device ID in the inventory.")
    return render(request, "inventory/pre_notified.html", {"device": found})


def _form(request: ActorRequest, form: PreNotificationForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "may": form.may_be_sent}
    return render(request, "inventory/pre_notify.html", context, status=status)

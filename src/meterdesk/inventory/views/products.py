"""Products lists: their versions, what differs, and what that means in the field (operator)."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import DeskPermission
from meterdesk.inventory.actions import apply_products_list
from meterdesk.inventory.queries import comparison, outstanding, outstanding_by, versions
from meterdesk.kernel.errors import NotVisible

SHOWN: Final = 500
"""Differences on the page; a list rarely has as many from one version to the next."""


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """Every version that was taken in, and what the newest means for Devices as they are now."""
    actor = request.actor
    context = {
        "versions": versions(actor),
        "outstanding": outstanding(actor),
        "may_apply": actor.may_at_desk(DeskPermission.INTAKE),
    }
    return render(request, "inventory/products.html", context)


@require_safe
def one(request: ActorRequest, version: str) -> HttpResponse:
    """A version against another, by default the one before it."""
    actor = request.actor
    known = versions(actor)
    if version not in {each.version for each in known}:
        raise NotVisible("There is no such version of the products list.")
    context = {"version": version, "is_first": known[-1].version == version}
    if not context["is_first"]:
        found = comparison(actor, version, request.GET.get("against", ""))
        context |= {
            "found": found,
            "differences": found.differences[:SHOWN],
            "more": max(0, len(found.differences) - SHOWN),
            "others": [each for each in known if each.version != version],
            "is_newest": known[0].version == version,
        }
    return render(request, "inventory/products_version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: ActorRequest, version: str) -> HttpResponse:
    """What applying would do, to be confirmed; then it is done in the background."""
    actor = request.actor
    if request.method == "POST":
        apply_products_list(actor, version, at=timezone.now())
        messages.success(request, "It is being applied. The counts here fall as Devices change.")
        return redirect("inventory:products")
    context = {"found": outstanding_by(actor, version)}
    return render(request, "inventory/products_apply.html", context)

"""The premises page and Diagnose."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from meterdesk.diagnosis.actions import make_diagnosis
from meterdesk.diagnosis.queries import kept_diagnosis
from meterdesk.identity.rules import Actor
from meterdesk.inventory.views.on_day import responsible_on
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.identifiers import parse_mpxn
from meterdesk.premises.queries import premises_page, responsible_on_day
from meterdesk.premises.rules import Happening

RAISE = "UC_RaiseSMI"


@require_safe
def premises(request: Any, mpxn: str) -> HttpResponse:
    """Everything about a premises that its reader may see (design section 1)."""
    canonical = parse_mpxn(mpxn).value
    if canonical != mpxn:
        return redirect("premises:premises", canonical)
    shown = request.GET.get("show", "")
    only = Happening(shown) if shown in set(Happening) else None
    now = timezone.now()
    page = premises_page(request.actor, canonical, now, only)
    context = {
        "page": page,
        **responsible_on(request, now, lambda on: responsible_on_day(request.actor, page, on, now)),
        "mpxn": canonical,
        "only": only,
        "raise_url": _raise_url(request.actor, mpxn=canonical),
        "may_see_hubs": request.actor.may_use("UC_HubStatus"),
    }
    status = 422 if context["on_form"].errors else 200
    return render(request, "premises/premises.html", context, status=status)


@require_POST
def diagnose(request: Any, mpxn: str) -> HttpResponse:
    """Run every check, keep the outcome and show it (IM-2)."""
    canonical = parse_mpxn(mpxn).value
    diagnosis_id, _outcome = make_diagnosis(request.actor, mpxn=canonical, at=timezone.now())
    if request.htmx:
        return _show(request, canonical, diagnosis_id, "premises/_diagnosis.html")
    return redirect("premises:diagnosis", canonical, diagnosis_id)


@require_safe
def diagnosis(request: Any, mpxn: str, diagnosis_id: UUID) -> HttpResponse:
    """A diagnosis that its reader made before."""
    return _show(request, parse_mpxn(mpxn).value, diagnosis_id, "premises/diagnosis.html")


def _show(request: Any, mpxn: str, diagnosis_id: UUID, template: str) -> HttpResponse:
    kept = kept_diagnosis(request.actor, diagnosis_id)
    if kept is None or kept.mpxn != mpxn:
        raise NotVisible("There is no such diagnosis, or it is not yours.")
    context = {
        "mpxn": mpxn,
        "kept": kept,
        "outcome": kept.outcome,
        "raise_url": _raise_url(request.actor, mpxn=mpxn, diagnosis=str(kept.id)),
    }
    return render(request, template, context)


def _raise_url(actor: Actor, **given: str) -> str:
    """The form to raise an incident, filled in; nothing for whom it is not open."""
    if not actor.may_use(RAISE):
        return ""
    try:
        return f"{reverse('incidents:raise')}?{urlencode(given)}"
    except NoReverseMatch:
        return ""

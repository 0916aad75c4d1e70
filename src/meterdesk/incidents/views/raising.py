"""Raising an incident: duplicates first, the form, check your answers, done (SSI-FR-22 to 29)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import Actor
from meterdesk.incidents.actions import raise_incident
from meterdesk.incidents.forms import RaiseForm
from meterdesk.incidents.queries import (
    IncidentRow,
    Surroundings,
    acting_for,
    categories,
    incident,
    kept_diagnosis,
    open_on_premises,
    surroundings_of,
)
from meterdesk.incidents.rules.responsibility import Area, area_of_device
from meterdesk.incidents.rules.targets import (
    PRIORITY_WORDS,
    Impact,
    Urgency,
    priority_of,
    proposed_category,
)
from meterdesk.incidents.views.one import INVALID, canonical_reference
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn


@require_http_methods(["GET", "HEAD", "POST"])
def raise_one(request: ActorRequest) -> HttpResponse:
    """The form, pre-filled from the page that led here; then its answers to check; then raise."""
    actor = request.actor
    if request.method != "POST":
        given = _prefilled(request, actor)
        around, _ = _around(actor, given.get("device_id"), given.get("mpxn"))
        given.setdefault("area", area_of_device(around.device_type))
        return _form_page(request, actor, RaiseForm(actor, initial=given), around)
    form = RaiseForm(actor, request.POST)
    if request.POST.get("step") == "change":
        return _form_page(request, actor, _again(actor, request), _typed(actor, form))
    if not form.is_valid():
        return _form_page(request, actor, form, _typed(actor, form), status=INVALID)
    if request.POST.get("step") == "raise":
        return _raise(request, actor, form)
    return _check(request, actor, form)


@require_safe
def raised(request: ActorRequest, reference: str) -> HttpResponse:
    """The reference, and what happens next (SSI-FR-23)."""
    seen = incident(request.actor, canonical_reference(reference))
    context = {"incident": seen, "category": categories()[seen.category]}
    return render(request, "incidents/raised.html", context)


def _raise(request: ActorRequest, actor: Actor, form: RaiseForm) -> HttpResponse:
    try:
        reference = raise_incident(
            actor, form.wanted(_outcome(actor, form.cleaned_data["diagnosis"])), timezone.now()
        )
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, actor, form, _typed(actor, form), status=refused.status)
    return redirect("incidents:raised", reference=reference)


def _check(request: ActorRequest, actor: Actor, form: RaiseForm) -> HttpResponse:
    given = form.cleaned_data
    around, refused = _around(actor, given["device_id"], given["mpxn"])
    outcome = _outcome(actor, given["diagnosis"])
    if outcome is None and not given["diagnosis_not_run"].strip():
        form.add_error("diagnosis_not_run", "Run Diagnose first, or say why it was not run.")
    if refused is not None:
        form.refuse(refused)
    if form.errors:
        return _form_page(request, actor, form, around, status=INVALID)
    impact, urgency = Impact(int(given["impact"])), Urgency(int(given["urgency"]))
    number = int(given["category"]) if given["category"] else proposed_category(impact, urgency)
    priority = priority_of(impact, urgency)
    context = {
        "form": form,
        "given": given,
        "area": Area(given["area"]).word,
        "impact": impact.word,
        "urgency": urgency.word,
        "category": categories()[number],
        "proposed": not given["category"],
        "priority": f"{priority} {PRIORITY_WORDS[priority]}",
        "acting_for": next(u for u in acting_for(actor) if u.eui == given["user_id"]),
        "around": around,
        "outcome": outcome,
        "duplicates": _duplicates(actor, around),
    }
    return render(request, "incidents/check.html", context)


def _form_page(
    request: ActorRequest, actor: Actor, form: RaiseForm, around: Surroundings, *, status: int = 200
) -> HttpResponse:
    outcome = _outcome(actor, form["diagnosis"].value())
    form.fields["diagnosis_not_run"].required = outcome is None
    context = {
        "form": form,
        "around": around,
        "outcome": outcome,
        "duplicates": _duplicates(actor, around),
        "several": len(acting_for(actor)) > 1,
    }
    return render(request, "incidents/raise.html", context, status=status)


def _again(actor: Actor, request: ActorRequest) -> RaiseForm:
    """The form as it was filled in, not judged yet."""
    return RaiseForm(actor, initial={name: value for name, value in request.POST.items()})


def _typed(actor: Actor, form: RaiseForm) -> Surroundings:
    """What stands around the identifiers as they were typed, as far as they are good."""
    form.is_valid()
    given = form.cleaned_data
    return _around(actor, given.get("device_id"), given.get("mpxn"))[0]


def _duplicates(actor: Actor, around: Surroundings) -> list[IncidentRow]:
    return open_on_premises(actor, around.mpxns, around.device_ids)


def _around(
    actor: Actor, device_id: str | None, mpxn: str | None
) -> tuple[Surroundings, Refused | None]:
    try:
        return surroundings_of(actor, device_id or None, mpxn or None, timezone.now()), None
    except Refused as refused:
        return Surroundings(), refused


def _outcome(actor: Actor, diagnosis_id: Any) -> dict[str, Any] | None:
    try:
        kept = kept_diagnosis(actor, UUID(str(diagnosis_id))) if diagnosis_id else None
    except ValueError:
        return None
    return kept.outcome if kept else None


def _prefilled(request: ActorRequest, actor: Actor) -> dict[str, Any]:
    """What the page that led here said, and the contact details of the profile (SSI-FR-24, 28)."""
    person = request.person  # type: ignore[attr-defined]  # set by the middleware
    given: dict[str, Any] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "telephone": person.telephone,
        "email": person.email,
    }
    for name, field, parse in (
        ("device_id", "device_id", parse_eui),
        ("hub", "device_id", parse_eui),
        ("mpxn", "mpxn", parse_mpxn),
    ):
        if text := request.GET.get(name):
            given[field] = _or_as_typed(parse, text)
    if request.GET.get("hub"):
        given["area"] = Area.HUB_OR_WAN.value
    if text := request.GET.get("diagnosis"):
        given |= _from_diagnosis(actor, text)
    return given


def _or_as_typed(parse: Any, text: str) -> str:
    try:
        found = parse(text)
    except Refused:
        return text.replace("\x00", "")
    return str(getattr(found, "value", found))


def _from_diagnosis(actor: Actor, text: str) -> dict[str, Any]:
    try:
        kept = kept_diagnosis(actor, UUID(text))
    except ValueError:
        return {}
    if kept is None:
        return {}
    given = {"diagnosis": str(kept.id), "device_id": kept.device_id or "", "mpxn": kept.mpxn}
    cause = kept.outcome.get("likely_cause")
    return {**given, "summary": str(cause)[:160]} if cause else given

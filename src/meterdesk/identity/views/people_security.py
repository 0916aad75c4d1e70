"""Log-in security as administrators look after it: the policy, people's sessions, lost factors."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import (
    PolicyForm,
    ResetRequestForm,
    ResetSearchForm,
    SessionLimitForm,
)
from meterdesk.identity.rules import FactorKind
from meterdesk.identity.views.proof import asks_for_proof, entered, weighty
from meterdesk.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
def policy(request: Any) -> HttpResponse:
    """What log-ins of one's organisation ask for, and resets that wait for somebody to agree."""
    entry = queries.policy_entry(request.actor.organisation_id)
    initial = {
        "allowed": [kind.value for kind in FactorKind if kind in entry.allowed],
        "grace_days": entry.grace_days,
        "sessions_most": entry.sessions_most,
        "version": entry.version,
    }
    form = PolicyForm(entered(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        if asked := asks_for_proof(request):
            return asked
        given = form.cleaned_data
        try:
            actions.set_security_policy(
                request.actor,
                [FactorKind(kind) for kind in given["allowed"]],
                given["grace_days"],
                given["sessions_most"],
                given["version"],
                at=timezone.now(),
            )
            messages.success(request, "Saved. It holds from the next log-in on.")
            return HttpResponseRedirect(reverse("identity:security_policy"))
        except Refused as refused:
            form.refuse(refused)
    context = {
        "policy": entry,
        "resets": queries.waiting_resets(request.actor, at=timezone.now()),
        "search": ResetSearchForm() if request.actor.is_operator else None,
    }
    return _page(request, "security_policy", form, **context)


@require_POST
def find_to_reset(request: Any) -> HttpResponse:
    """To the reset of an organisation's only administrator, by username; for the operator."""
    person_id = queries.id_to_reset(request.actor, request.POST.get("username", "")[:150])
    return HttpResponseRedirect(reverse("identity:reset_factors", args=[person_id]))


@require_http_methods(["GET", "POST"])
def one_persons(request: Any, person_id: int) -> HttpResponse:
    """Second factors and sessions of one person, and how many sessions they may have."""
    at = timezone.now()
    record = queries.person(request.actor, person_id, at=at)
    initial = {"sessions_most": queries.sessions_most(person_id), "version": record.row.version}
    form = SessionLimitForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            most, version = given["sessions_most"], given["version"]
            actions.limit_sessions(request.actor, person_id, most, version, at=at)
            messages.success(request, "Saved. It holds from the next log-in on.")
            return _to(person_id)
        except Refused as refused:
            form.refuse(refused)
    sessions = queries.sessions_of(request.actor, person_id, at=at)
    context = {
        "record": record,
        "person": record.row,
        "factors": queries.factors_of(person_id),
        "codes": queries.recovery_codes_left(person_id),
        "policy": queries.policy_entry(record.organisation_id),
        "sessions": sessions,
        "any_open": any(one.is_open for one in sessions),
    }
    return _page(request, "person_security", form, **context)


@require_POST
def end_one(request: Any, person_id: int, session_id: int) -> HttpResponse:
    """End one session of somebody."""
    actions.end_persons_sessions(request.actor, person_id, session_id, at=timezone.now())
    messages.success(request, "The session is ended.")
    return _to(person_id)


@require_POST
def end_all(request: Any, person_id: int) -> HttpResponse:
    """End every session of somebody."""
    ended = actions.end_persons_sessions(request.actor, person_id, at=timezone.now())
    messages.success(request, f"Sessions ended: {ended}.")
    return _to(person_id)


@require_http_methods(["GET", "POST"])
@weighty
def reset(request: Any, person_id: int) -> HttpResponse:
    """Reset somebody's lost second factors; the code to hand on is shown once."""
    target = queries.person_to_reset(request.actor, person_id)
    form = ResetRequestForm(entered(request))
    if request.method == "POST" and form.is_valid():
        try:
            reason, at = form.cleaned_data["reason"], timezone.now()
            code = actions.request_reset(request.actor, person_id, reason, at=at)
            return _code_page(request, target.username, code)
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "reset_factors", form, target=target)


@require_POST
@weighty
def decide(request: Any, reset_id: int, verb: str) -> HttpResponse:
    """Approve, refuse or withdraw a reset."""
    code = actions.decide_reset(request.actor, reset_id, verb, at=timezone.now())
    if code is not None:
        return _code_page(request, "", code)
    words = {"refuse": "The reset is refused.", "withdraw": "The request is withdrawn."}
    messages.success(request, words.get(verb, "Done."))
    return HttpResponseRedirect(reverse("identity:security_policy"))


def _code_page(request: Any, username: str, code: str | None) -> HttpResponse:
    context = {"code": code, "username": username}
    return render(request, "identity/reset_code.html", context)


def _to(person_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:person_security", args=[person_id]))


def _page(request: Any, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, f"identity/{name}.html", {"form": form, **context}, status=status)

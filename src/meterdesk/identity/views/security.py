"""One's own security: second factors, recovery codes, password, sessions."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import AppForm, FactorForm, NewKeyForm, NewPasswordForm
from meterdesk.identity.rules import FactorKind, device_words
from meterdesk.identity.views.enrolment import (
    app_context,
    ask_for_key,
    forget_secret,
    used_ceremony,
    used_secret,
)
from meterdesk.identity.views.proof import fresh_proof
from meterdesk.kernel.errors import Refused

_KINDS = {"key": FactorKind.KEY, "passkey": FactorKind.PASSKEY}


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:security"))


@require_safe
def security(request: Any) -> HttpResponse:
    """What protects the account, and where it is logged in."""
    actor, found, at = request.actor, request.open_session, timezone.now()
    sessions = queries.own_sessions(actor, found.id, at=at)
    context = {
        "open_session": found,
        "factors": queries.factors(actor),
        "policy": queries.policy_entry(actor.organisation_id),
        "kinds": list(FactorKind),
        "codes": queries.recovery_codes_left(actor.person_id),
        "sessions": sessions,
        "others_open": sum(one.is_open and not one.is_this for one in sessions),
    }
    return render(request, "identity/security.html", context)


@require_http_methods(["GET", "POST"])
@fresh_proof
def add_app(request: Any) -> HttpResponse:
    """Add an authenticator app."""
    form = AppForm(request.POST or None, initial={"name": FactorKind.APP.title})
    secret = used_secret(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_app(request.actor, given["name"], secret, given["code"], at=timezone.now())
            forget_secret(request)
            return _added(request, given["name"])
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "add_app", form, **app_context(request, secret))


@require_http_methods(["GET", "POST"])
@fresh_proof
def add_key(request: Any, kind: str) -> HttpResponse:
    """Add a security key or a passkey."""
    wanted = _KINDS[kind]
    name = f"{wanted.title}, {device_words(request.headers.get('User-Agent', ''))}"
    form = NewKeyForm(request.POST or None, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        given, ceremony = form.cleaned_data, used_ceremony(request)
        try:
            actions.add_key(
                request.actor, given["name"], ceremony, given["answer"], at=timezone.now()
            )
            return _added(request, given["name"])
        except Refused as refused:
            form.refuse(refused)
    question = ask_for_key(request, wanted)
    return _page(request, "add_key", form, kind=wanted, question=question)


def _added(request: Any, name: str) -> HttpResponse:
    messages.success(request, f"“{name.strip()}” is added. Your next log-in can use it.")
    return _home()


@require_http_methods(["GET", "POST"])
@fresh_proof
def factor(request: Any, factor_id: int) -> HttpResponse:
    """Rename a second factor, or remove it."""
    entry = queries.factor(request.actor, factor_id)
    form = FactorForm(request.POST or None, initial={"name": entry.name, "version": entry.version})
    if request.method == "POST" and form.is_valid():
        given, at = form.cleaned_data, timezone.now()
        try:
            if "remove" in request.POST:
                name = actions.remove_factor(request.actor, factor_id, given["version"], at=at)
                messages.success(request, f"“{name}” is removed and opens nothing any more.")
            else:
                actions.rename_factor(
                    request.actor, factor_id, given["version"], given["name"], at=at
                )
                messages.success(request, "The name is changed.")
            return _home()
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "factor", form, factor=entry)


@require_http_methods(["GET", "POST"])
@fresh_proof
def codes(request: Any) -> HttpResponse:
    """Fresh recovery codes, shown until they are confirmed as kept."""
    if request.method == "POST":
        if "kept" in request.POST:
            actions.confirm_recovery_codes(request.actor.person_id)
            messages.success(request, "Your recovery codes are kept. They are not shown again.")
            return _home()
        actions.renew_recovery_codes(request.actor, at=timezone.now())
        return HttpResponseRedirect(reverse("identity:own_recovery_codes"))
    context = {
        "codes": queries.unseen_recovery_codes(request.actor),
        "left": queries.recovery_codes_left(request.actor.person_id),
    }
    return render(request, "identity/own_recovery_codes.html", context)


@require_GET
@fresh_proof
def download_codes(request: Any) -> HttpResponse:
    """The recovery codes that are still to be kept, as a text file."""
    unseen = queries.unseen_recovery_codes(request.actor)
    if not unseen:
        return HttpResponseRedirect(reverse("identity:own_recovery_codes"))
    text = f"Meterdesk recovery codes of {request.actor.username}. Each works once.\r\n\r\n"
    answer = HttpResponse(text + "\r\n".join(unseen) + "\r\n", content_type="text/plain")
    answer["Content-Disposition"] = 'attachment; filename="meterdesk-recovery-codes.txt"'
    return answer


@require_http_methods(["GET", "POST"])
@fresh_proof
def password(request: Any) -> HttpResponse:
    """Change the password; other sessions end, tokens go on."""
    form = NewPasswordForm(request.POST or None)
    tokens = [one for one in queries.tokens(request.actor, timezone.now()) if one.state == "active"]
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_password(
                request, request.actor, form.cleaned_data["password"], at=timezone.now()
            )
            go_on = " Your API tokens go on working: revoke those in doubt." if tokens else ""
            messages.success(
                request, f"Your password is changed and your other sessions are ended.{go_on}"
            )
            return _home()
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "password", form, tokens=len(tokens))


@require_POST
def end_session(request: Any, session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    this = request.open_session.id
    actions.end_own_sessions(request.actor, this, session_id, at=timezone.now())
    messages.success(request, "The session is ended.")
    return _home()


@require_POST
def end_others(request: Any) -> HttpResponse:
    """End every session but this one."""
    ended = actions.end_own_sessions(request.actor, request.open_session.id, at=timezone.now())
    messages.success(request, f"Sessions ended: {ended}. This one goes on.")
    return _home()


def _page(request: Any, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, f"identity/{name}.html", {"form": form, **context}, status=status)

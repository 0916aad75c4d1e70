"""Log-in: name and password, then the code; log-out."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.actions import LogInOver, PasswordAccepted
from meterdesk.identity.forms import CodeForm, LogInForm
from meterdesk.identity.rules import Proof
from meterdesk.platform.web.moments import moment_words

_PENDING = "log_in"
_PENDING_LENGTH = timedelta(minutes=10)
_NO_WAY_BACK = ("/login", "/logout", "/set-up", "/api/")
_WRONG = (
    "The username or the password is not right, or the account is locked. "
    "Check both; after five failures only an administrator can open the account again."
)


@require_http_methods(["GET", "POST"])
def log_in(request: Any) -> HttpResponse:
    """Ask for name and password (SSI-NFR-10)."""
    target = safe_target(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "GET" and request.actor is not None:
        return HttpResponseRedirect(target or reverse("identity:welcome"))
    form = LogInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        accepted = actions.check_password(
            form.cleaned_data["username"],
            form.cleaned_data["password"],
            request.META.get("REMOTE_ADDR", ""),
            at=at,
        )
        if accepted is not None:
            return _password_accepted(request, accepted, target, at)
        form.add_error(None, _WRONG)
    status = 422 if form.errors else 200
    context = {"form": form, "next": target, "is_demo": settings.METERDESK_ENV == "demo"}
    return render(request, "identity/log_in.html", context, status=status)


def _password_accepted(
    request: Any, accepted: PasswordAccepted, target: str, at: datetime
) -> HttpResponse:
    if not accepted.needs_code:
        return _begin(request, accepted, (Proof.PASSWORD,), target, at)
    request.session.flush()
    request.session[_PENDING] = {**asdict(accepted), "at": at.timestamp(), "next": target}
    request.session.set_expiry(int(_PENDING_LENGTH.total_seconds()))
    return HttpResponseRedirect(reverse("identity:enter_code"))


@require_http_methods(["GET", "POST"])
def enter_code(request: Any) -> HttpResponse:
    """Ask for the authenticator's code; in the demonstration, and only there, show it."""
    at = timezone.now()
    pending = request.session.get(_PENDING)
    if pending is None or at.timestamp() - pending["at"] > _PENDING_LENGTH.total_seconds():
        return HttpResponseRedirect(reverse("identity:log_in"))
    accepted = PasswordAccepted(pending["person_id"], pending["proof"], pending["needs_code"])
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = request.META.get("REMOTE_ADDR", "")
        try:
            proof = actions.check_code(accepted, form.cleaned_data["code"], address, at=at)
        except LogInOver:
            request.session.flush()
            return render(request, "identity/log_in.html", {"form": _refused_log_in()}, status=422)
        if proof is not None:
            return _begin(request, accepted, (Proof.PASSWORD, proof), pending["next"], at)
        form.add_error("code", "This code is not right, or was used before. Enter the next one.")
    code = None
    if settings.METERDESK_ENV == "demo":
        code = queries.current_code(accepted.person_id, at)
    status = 422 if form.errors else 200
    return render(
        request, "identity/enter_code.html", {"form": form, "current_code": code}, status=status
    )


def _refused_log_in() -> LogInForm:
    form = LogInForm({"username": "-", "password": "-"})
    form.is_valid()
    form.add_error(None, _WRONG)
    form.data = {}
    return form


def _begin(
    request: Any,
    accepted: PasswordAccepted,
    proofs: tuple[Proof, ...],
    target: str,
    at: datetime,
) -> HttpResponse:
    begun = actions.begin_session(request, accepted.person_id, proofs=proofs, at=at)
    if not target:
        return HttpResponseRedirect(reverse("identity:welcome"))
    before = begun.previous_login_at
    last = f" Your last log-in was on {moment_words(before)}." if before else ""
    who = f"You are logged in as {begun.display_name}, {begun.organisation_name}."
    messages.success(request, f"{who}{last}")
    return HttpResponseRedirect(target)


@require_POST
def log_out(request: Any) -> HttpResponse:
    """End the session."""
    actions.end_session(request, request.actor, at=timezone.now())
    messages.success(request, "You are logged out.")
    return HttpResponseRedirect(reverse("identity:log_in"))


def safe_target(target: str) -> str:
    """The page to go on to, if it is one of this site's screens; otherwise nothing."""
    if (
        not target.startswith("/")
        or not url_has_allowed_host_and_scheme(target, None)
        or target.startswith(_NO_WAY_BACK)
    ):
        return ""
    return target

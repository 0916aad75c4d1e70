"""Log-in: name and password, then a second factor; or a passkey alone; log-out."""

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
from meterdesk.identity.forms import CodeForm, KeyForm, LogInForm
from meterdesk.identity.rules import Proof
from meterdesk.platform.web.moments import moment_words

_PENDING = "log_in_pending"
_PASSKEY = "passkey_pending"
_PENDING_LENGTH = timedelta(minutes=10)
_NO_WAY_BACK = ("/login", "/logout", "/set-up", "/api/")
_WRONG = (
    "The username or the password is not right, or the account is locked. "
    "Check both; after five failures only an administrator can open the account again."
)
_WRONG_PASSKEY = (
    "This passkey did not open an account: it is not known here, or the account is locked. "
    "Log in with your password, or ask your administrator."
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
            form.cleaned_data["username"], form.cleaned_data["password"], address(request), at=at
        )
        if accepted is not None:
            return _password_accepted(request, accepted, target, at)
        form.add_error(None, _WRONG)
    return _log_in_page(request, form, target)


def _log_in_page(request: Any, form: LogInForm, target: str) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "identity/log_in.html", {"form": form, "next": target}, status=status)


def _password_accepted(
    request: Any, accepted: PasswordAccepted, target: str, at: datetime
) -> HttpResponse:
    if not accepted.needs_code:
        return _begin(request, accepted.person_id, (Proof.PASSWORD,), target, at)
    _wait(request, _PENDING, {**asdict(accepted), "next": target}, at)
    return HttpResponseRedirect(reverse("identity:enter_code"))


def _wait(request: Any, key: str, half_way: dict[str, Any], at: datetime) -> None:
    """A fresh browser session that holds a log-in half-way, for ten minutes."""
    request.session.flush()
    request.session[key] = {**half_way, "at": at.timestamp()}
    request.session.set_expiry(int(_PENDING_LENGTH.total_seconds()))


def _waiting(request: Any, key: str, at: datetime) -> dict[str, Any] | None:
    found: dict[str, Any] | None = request.session.get(key)
    if found is None or at.timestamp() - found["at"] > _PENDING_LENGTH.total_seconds():
        return None
    return found


@require_http_methods(["GET", "POST"])
def enter_code(request: Any) -> HttpResponse:
    """Ask for a code or a security key; in the demonstration, and only there, show the code."""
    at = timezone.now()
    pending = _waiting(request, _PENDING, at)
    if pending is None:
        return HttpResponseRedirect(reverse("identity:log_in"))
    accepted = PasswordAccepted(pending["person_id"], pending["proof"], pending["needs_code"])
    form: CodeForm | KeyForm = CodeForm()
    if request.method == "POST":
        by_key = "answer" in request.POST
        form = KeyForm(request.POST) if by_key else CodeForm(request.POST)
        ceremony = pending.pop("ceremony", None) if by_key else None
        request.session[_PENDING] = pending
        try:
            proof = _check(accepted, form, ceremony, address(request), at)
        except LogInOver:
            request.session.flush()
            return _log_in_page(request, _refused_log_in(), "")
        if proof is not None:
            proofs = (Proof.PASSWORD, proof)
            return _begin(request, accepted.person_id, proofs, pending["next"], at)
    return _code_page(request, accepted, pending, form, at)


def _check(
    accepted: PasswordAccepted, form: Any, ceremony: Any, given_from: str, at: datetime
) -> Proof | None:
    """The proof that the form gives, or None with the form saying what is wrong."""
    if not form.is_valid():
        return None
    if isinstance(form, KeyForm):
        answer = form.cleaned_data["answer"]
        proof = actions.check_key(accepted, ceremony, answer, given_from, at=at)
        wrong = "The key's answer is not right. Try again, or enter a code instead."
        where = None
    else:
        proof = actions.check_code(accepted, form.cleaned_data["code"], given_from, at=at)
        wrong = "This code is not right, or was used before. Enter the next one."
        where = "code"
    if proof is None:
        form.add_error(where, wrong)
    return proof


def _code_page(
    request: Any, accepted: PasswordAccepted, pending: dict[str, Any], form: Any, at: datetime
) -> HttpResponse:
    question = actions.ask_for_key(accepted.person_id)
    if question is not None:
        request.session[_PENDING] = {**pending, "ceremony": question.ceremony}
    code = None
    if settings.METERDESK_ENV == "demo":
        code = queries.current_code(accepted.person_id, at)
    context = {
        "problems": form,
        "form": form if isinstance(form, CodeForm) else CodeForm(),
        "question": question,
        "by_app": queries.takes_app_codes(accepted.person_id),
        "current_code": code,
    }
    status = 422 if form.errors else 200
    return render(request, "identity/enter_code.html", context, status=status)


@require_http_methods(["GET", "POST"])
def passkey(request: Any) -> HttpResponse:
    """Log in with a passkey alone: it is something one has, and it verified who holds it."""
    at = timezone.now()
    if request.actor is not None:
        return HttpResponseRedirect(reverse("identity:welcome"))
    form = KeyForm(request.POST or None)
    waiting = _waiting(request, _PASSKEY, at) or {}
    target = safe_target(waiting.get("next") or request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid() and waiting:
        request.session.flush()
        answer = form.cleaned_data["answer"]
        person_id = actions.check_passkey(waiting["ceremony"], answer, address(request), at=at)
        if person_id is not None:
            return _begin(request, person_id, (Proof.PASSKEY,), target, at)
        form.add_error(None, _WRONG_PASSKEY)
    question = actions.offer_passkey(address(request), at=at)
    _wait(request, _PASSKEY, {"ceremony": question.ceremony, "next": target}, at)
    context = {"problems": form, "question": question, "next": target}
    status = 422 if form.errors else 200
    return render(request, "identity/passkey.html", context, status=status)


def _refused_log_in() -> LogInForm:
    form = LogInForm({"username": "-", "password": "-"})
    form.is_valid()
    form.add_error(None, _WRONG)
    form.data = {}
    return form


def _begin(
    request: Any, person_id: int, proofs: tuple[Proof, ...], target: str, at: datetime
) -> HttpResponse:
    begun = actions.begin_session(request, person_id, proofs=proofs, at=at)
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


def address(request: Any) -> str:
    """Where the request comes from, as trusted proxies say."""
    return str(request.META.get("REMOTE_ADDR", ""))


def safe_target(target: str) -> str:
    """The page to go on to, if it is one of this site's screens; otherwise nothing."""
    if (
        not target.startswith("/")
        or not url_has_allowed_host_and_scheme(target, None)
        or target.startswith(_NO_WAY_BACK)
    ):
        return ""
    return target

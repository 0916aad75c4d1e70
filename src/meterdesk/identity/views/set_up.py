"""The first log-in: new password, details, authenticator, recovery codes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import AppForm, DetailsForm, NewKeyForm, NewPasswordForm
from meterdesk.identity.rules import FactorKind, SetUpStep, device_words
from meterdesk.identity.views.enrolment import (
    app_context,
    ask_for_key,
    forget_secret,
    used_ceremony,
    used_secret,
)
from meterdesk.kernel.errors import Refused

_PAGES = {
    SetUpStep.PASSWORD: "identity:new_password",
    SetUpStep.DETAILS: "identity:details",
    SetUpStep.AUTHENTICATOR: "identity:authenticator",
}


def _next_page(request: Any) -> HttpResponse:
    step = request.set_up_step
    return HttpResponseRedirect(reverse(_PAGES[step] if step else "identity:welcome"))


@require_GET
def set_up(request: Any) -> HttpResponse:
    """Go to the step that is to be done."""
    return _next_page(request)


@require_http_methods(["GET", "POST"])
def new_password(request: Any) -> HttpResponse:
    """A new password in place of the one that was given (SSI-NFR-11)."""
    if request.set_up_step is not SetUpStep.PASSWORD:
        return _next_page(request)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_password(
                request, request.actor, form.cleaned_data["password"], at=timezone.now()
            )
            return HttpResponseRedirect(reverse("identity:set_up"))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "new_password", form)


@require_http_methods(["GET", "POST"])
def details(request: Any) -> HttpResponse:
    """Name, email address and telephone (SSI-FR-1)."""
    if request.set_up_step is not SetUpStep.DETAILS:
        return _next_page(request)
    form = DetailsForm(request.POST or None, initial=queries.own_details(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_details(request.actor, **form.cleaned_data, at=timezone.now())
            return HttpResponseRedirect(reverse("identity:set_up"))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "details", form)


@require_http_methods(["GET", "POST"])
def authenticator(request: Any) -> HttpResponse:
    """Enrol an authenticator app: scan or type the secret, prove it by a code."""
    if request.set_up_step is not SetUpStep.AUTHENTICATOR:
        return _next_page(request)
    allowed = queries.policy_entry(request.actor.organisation_id).allowed
    if FactorKind.APP not in allowed:
        return HttpResponseRedirect(reverse("identity:set_up_key"))
    form = AppForm(request.POST or None, initial={"name": FactorKind.APP.title})
    secret = used_secret(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_app(request.actor, given["name"], secret, given["code"], at=timezone.now())
            forget_secret(request)
            return HttpResponseRedirect(reverse("identity:recovery_codes"))
        except Refused as refused:
            form.refuse(refused)
    context = app_context(request, secret)
    return _page(request, "authenticator", form, **context, others=len(allowed) > 1)


@require_http_methods(["GET", "POST"])
def key(request: Any) -> HttpResponse:
    """Enrol a passkey or a security key instead."""
    if request.set_up_step is not SetUpStep.AUTHENTICATOR:
        return _next_page(request)
    allowed = queries.policy_entry(request.actor.organisation_id).allowed
    kinds = [kind for kind in (FactorKind.PASSKEY, FactorKind.KEY) if kind in allowed]
    if not kinds:
        return HttpResponseRedirect(reverse("identity:authenticator"))
    wanted = FactorKind.KEY if request.GET.get("kind") == "key" else FactorKind.PASSKEY
    wanted = wanted if wanted in kinds else kinds[0]
    name = f"{wanted.title}, {device_words(request.headers.get('User-Agent', ''))}"
    form = NewKeyForm(request.POST or None, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        given, ceremony = form.cleaned_data, used_ceremony(request)
        try:
            actions.add_key(
                request.actor, given["name"], ceremony, given["answer"], at=timezone.now()
            )
            return HttpResponseRedirect(reverse("identity:recovery_codes"))
        except Refused as refused:
            form.refuse(refused)
    question = ask_for_key(request, wanted)
    other = next((kind for kind in kinds if kind is not wanted), None)
    context = {"kind": wanted, "other": other, "by_app": FactorKind.APP in allowed}
    return _page(request, "set_up_key", form, question=question, **context)


@require_http_methods(["GET", "POST"])
def recovery_codes(request: Any) -> HttpResponse:
    """Show the recovery codes until they are confirmed as kept; then never again."""
    if request.method == "POST":
        actions.confirm_recovery_codes(request.actor.person_id)
        messages.success(request, "Your account is ready.")
        return HttpResponseRedirect(reverse("identity:welcome"))
    codes = queries.unseen_recovery_codes(request.actor)
    if not codes:
        return _next_page(request)
    return render(request, "identity/recovery_codes.html", {"codes": codes})


def _page(request: Any, name: str, form: Any, **context: Any) -> HttpResponse:
    return render(
        request,
        f"identity/{name}.html",
        {"form": form, **context},
        status=422 if form.errors else 200,
    )

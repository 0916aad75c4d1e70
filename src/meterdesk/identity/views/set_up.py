"""The first log-in: new password, details, authenticator, recovery codes."""

from base64 import b64encode
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import CodeForm, DetailsForm, NewPasswordForm
from meterdesk.identity.rules import SetUpStep
from meterdesk.kernel.errors import Refused

_SECRET = "authenticator_secret"  # noqa: S105  a key's name
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
    adapter = get_adapter()
    if _SECRET not in request.session:
        request.session[_SECRET] = adapter.encrypt(generate_totp_secret())
    secret = adapter.decrypt(request.session[_SECRET])
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.prove_authenticator(
                request.actor, secret, form.cleaned_data["code"], at=timezone.now()
            )
            del request.session[_SECRET]
            return HttpResponseRedirect(reverse("identity:recovery_codes"))
        except Refused as refused:
            form.refuse(refused)
    drawing = adapter.build_totp_svg(adapter.build_totp_url(request.person, secret))
    return _page(
        request,
        "authenticator",
        form,
        drawing="data:image/svg+xml;base64," + b64encode(drawing.encode()).decode(),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


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

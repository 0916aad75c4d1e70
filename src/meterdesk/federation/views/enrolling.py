"""Enrolling an identity provider: list, form, its page, test, steps, certificates."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meterdesk.federation import actions, queries
from meterdesk.federation.forms.enrolling import (
    CertificateForm,
    MetadataForm,
    ProviderForm,
    StepForm,
)
from meterdesk.federation.views.log_in import departure
from meterdesk.identity.views.proof import asks_for_proof, weighty
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.kernel.saml import SamlRefused


@require_safe
def list_providers(request: Any) -> HttpResponse:
    """The organisation's identity providers; the operator's administrators see all."""
    page = queries.providers(
        request.actor, PageRequest(cursor=request.GET.get("after")), timezone.now()
    )
    context = {
        "page": page,
        "service": queries.service_provider(),
        "may_enrol": queries.may_enrol(request.actor),
    }
    return render(request, "federation/providers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Any) -> HttpResponse:
    """Take up a draft, from metadata or by hand (SSI-NFR-15)."""
    if request.method != "POST":
        return _form(request, ProviderForm(), MetadataForm())
    if "read" in request.POST:
        return _read(request)
    form = ProviderForm(request.POST)
    if form.is_valid():
        try:
            number = actions.add_provider(request.actor, form.new(), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, "The draft is saved. Begin testing when it is complete.")
            return _to(number)
    return _form(request, form, MetadataForm(), status=422)


def _read(request: Any) -> HttpResponse:
    """Fill the form from metadata; what was typed beside it is kept."""
    given = MetadataForm(request.POST, request.FILES)
    typed = {name: request.POST[name] for name in ProviderForm().fields if name in request.POST}
    if given.is_valid():
        try:
            typed |= given.read()
        except SamlRefused as refused:
            given.add_error("metadata", refused.message)
        else:
            return _form(request, ProviderForm(initial=typed), MetadataForm())
    return _form(request, ProviderForm(initial=typed), given, status=422)


def _form(
    request: Any, form: ProviderForm, metadata: MetadataForm | None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "metadata": metadata, "provider": None}
    return render(request, "federation/provider_form.html", context, status=status)


@require_safe
def provider(request: Any, provider_id: int) -> HttpResponse:
    """One provider: what is enrolled, its certificates, what to do next."""
    return _page(request, provider_id)


def _page(
    request: Any,
    provider_id: int,
    *,
    verb: str = "",
    step_form: StepForm | None = None,
    certificate_form: CertificateForm | None = None,
) -> HttpResponse:
    """The provider's page; with a form that was refused, what was typed in it and why."""
    found = queries.provider(request.actor, provider_id, timezone.now())
    initial = {"version": found.version}
    steps = []
    for one in found.steps:
        refused = step_form if one.verb == verb else None
        form = refused or StepForm(one.verb, initial=initial)
        steps.append((one, form))
    used = step_form or certificate_form
    context = {
        "provider": found,
        "service": queries.service_provider(),
        "steps": steps,
        "used": used,
        "certificate_form": certificate_form or CertificateForm(initial=initial),
    }
    status = 422 if used else 200
    return render(request, "federation/provider.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Any, provider_id: int) -> HttpResponse:
    """Change what is enrolled."""
    found = queries.provider(request.actor, provider_id, timezone.now())
    if not found.may_change:
        raise Conflict("It can be changed as a draft and while it is tested only.")
    form = ProviderForm(request.POST or None, initial=ProviderForm.of(found))
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.change_provider(
                request.actor, provider_id, form.new(), version=version, at=timezone.now()
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, "The change is saved.")
            return _to(provider_id)
    context = {"form": form, "metadata": None, "provider": found}
    status = 422 if form.errors else 200
    return render(request, "federation/provider_form.html", context, status=status)


@require_POST
def step(request: Any, provider_id: int, verb: str) -> HttpResponse:
    """Take a step of the enrolment; one that lets people in asks for fresh proof."""
    if verb in {"approve", "resume"} and (proof := asks_for_proof(request)):
        return proof
    version, at = _version(request), timezone.now()
    form = StepForm(verb, request.POST)
    if form.is_valid():
        why = form.cleaned_data["why"]
        try:
            state = actions.take_step(request.actor, provider_id, verb, version, why=why, at=at)
        except Refused as refused:
            if not refused.fields:
                raise
            form.refuse(refused)
        else:
            done = f"The provider is now: {state.title.lower()}."
            messages.success(request, done, extra_tags=f"provider-{verb}-{provider_id}")
            return _to(provider_id)
    return _page(request, provider_id, verb=verb, step_form=form)


@require_POST
def test(request: Any, provider_id: int) -> HttpResponse:
    """Log in at the provider for a test: what is read is shown, and no session begun."""
    found = queries.provider(request.actor, provider_id, timezone.now())
    if not found.may_test:
        raise Conflict("Begin testing first.")
    return departure(request, found.slug, "", is_test=True)


@require_POST
def add_certificate(request: Any, provider_id: int) -> HttpResponse:
    """Propose the next certificate of an active provider."""
    form, at = CertificateForm(request.POST), timezone.now()
    if form.is_valid():
        given, version = form.cleaned_data["certificate"], form.cleaned_data["version"]
        try:
            actions.propose_certificate(request.actor, provider_id, given, version=version, at=at)
        except SamlRefused as refused:
            form.add_error("certificate", refused.message)
        except Refused as refused:
            if not refused.fields:
                raise
            form.refuse(refused)
        else:
            done = "The certificate is proposed. The operator compares and approves it."
            messages.success(request, done)
            return _to(provider_id)
    return _page(request, provider_id, certificate_form=form)


@require_POST
@weighty
def approve_certificate(request: Any, provider_id: int, certificate_id: int) -> HttpResponse:
    """Let a proposed certificate count."""
    return _on_certificate(
        request, provider_id, certificate_id, actions.approve_certificate, "It counts from now on."
    )


@require_POST
def remove_certificate(request: Any, provider_id: int, certificate_id: int) -> HttpResponse:
    """Stop trusting a certificate."""
    words = "The certificate is removed. Nothing it signs is accepted any more."
    return _on_certificate(request, provider_id, certificate_id, actions.remove_certificate, words)


def _on_certificate(
    request: Any, provider_id: int, certificate_id: int, act: Callable[..., None], words: str
) -> HttpResponse:
    act(request.actor, provider_id, certificate_id, version=_version(request), at=timezone.now())
    messages.success(request, words)
    return _to(provider_id)


def _version(request: Any) -> int:
    given = request.POST.get("version", "")
    if not given.isdecimal() or len(given) > 9:
        raise Refused("The form is not complete. Load the page again.", status=400)
    return int(given)


def _to(provider_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("federation:provider", args=[provider_id]))

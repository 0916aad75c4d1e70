"""Service providers, for the operator's administrators."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meterdesk.identity.views.proof import asks_for_proof, entered, weighty
from meterdesk.identity_provider import queries
from meterdesk.identity_provider.actions import add_service, change_service, move_service
from meterdesk.identity_provider.forms import MetadataForm, ServiceForm, StepForm
from meterdesk.identity_provider.rules import Told
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.kernel.saml import SamlRefused
from meterdesk.kernel.saml.services import read_service_metadata

VERBS: Final = {"suspend": "Suspend", "resume": "Activate again"}


@require_safe
def services(request: Any) -> HttpResponse:
    """Every service provider, and what one has to know of us."""
    page = queries.services(request.actor, PageRequest(cursor=request.GET.get("after")))
    context = {"page": page, "facts": queries.own_facts()}
    return render(request, "identity_provider/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@weighty
def new(request: Any) -> HttpResponse:
    """Take a service provider up, from its metadata or by hand."""
    given = entered(request)
    if given is None:
        return _form(request, ServiceForm(initial={"told": ["Username"]}), MetadataForm())
    if "read" in given:
        return _read(request, given)
    form = ServiceForm(given)
    if request.method == "POST" and form.is_valid():
        try:
            number = add_service(request.actor, form.new(), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{form.cleaned_data['name']} can now be logged in to.")
            return HttpResponseRedirect(reverse("identity_provider:service", args=[number]))
    return _form(request, form, MetadataForm(), status=422 if form.errors else 200)


def _read(request: Any, given: QueryDict) -> HttpResponse:
    """Fill the form from pasted metadata; what was typed beside it is kept."""
    form = MetadataForm(given)
    form.is_valid()
    try:
        said = read_service_metadata(form.cleaned_data.get("metadata", "").encode())
    except SamlRefused as refused:
        form.add_error("metadata", refused.message)
        return _form(request, ServiceForm(initial=given.dict()), form, status=422)
    typed = {
        "name": given.get("name", ""),
        "is_for_everyone": given.get("is_for_everyone", ""),
        "told": given.getlist("told"),
        "organisations": given.getlist("organisations"),
        "entity_id": said.entity_id,
        "acs_urls": "\n".join(said.acs_urls),
        "contact": ", ".join(said.contacts)[:200],
    }
    return _form(request, ServiceForm(initial=typed), MetadataForm())


def _form(
    request: Any, form: ServiceForm, metadata: MetadataForm | None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "metadata": metadata, "service": None}
    return render(request, "identity_provider/service_form.html", context, status=status)


@require_safe
def service(request: Any, service_id: int) -> HttpResponse:
    """One service provider."""
    return _page(request, service_id)


def _page(request: Any, service_id: int, refused: StepForm | None = None) -> HttpResponse:
    """A service provider's page; with a form that was refused, what was typed in it and why."""
    found = queries.service(request.actor, service_id)
    context = {
        "service": found,
        "told": [Told(one).label for one in found.told],
        "step_form": refused or StepForm(initial={"version": found.version}),
        "steps": [(verb, VERBS[verb]) for verb in found.verbs],
    }
    status = 422 if refused else 200
    return render(request, "identity_provider/service.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@weighty
def change(request: Any, service_id: int) -> HttpResponse:
    """Change what is agreed with a service provider."""
    found = queries.service(request.actor, service_id)
    form = ServiceForm(entered(request), initial=ServiceForm.of(found))
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            change_service(
                request.actor, service_id, form.new(), version=version or 0, at=timezone.now()
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{form.cleaned_data['name']} was changed.")
            return HttpResponseRedirect(reverse("identity_provider:service", args=[service_id]))
    context = {"form": form, "metadata": None, "service": found}
    status = 422 if form.errors else 200
    return render(request, "identity_provider/service_form.html", context, status=status)


@require_POST
def step(request: Any, service_id: int, verb: str) -> HttpResponse:
    """Suspend or resume; resuming asks for fresh proof."""
    if verb == "resume" and (proof := asks_for_proof(request)):
        return proof
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, service_id, form)
    move_service(
        request.actor,
        service_id,
        verb,
        form.cleaned_data["why"],
        version=form.cleaned_data["version"],
        at=timezone.now(),
    )
    messages.success(request, "Done. It holds from now on.")
    return HttpResponseRedirect(reverse("identity_provider:service", args=[service_id]))

"""One request: seen, worked on, with files and contacts (SSI-FR-52, 54, 55)."""

from dataclasses import asdict
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meterdesk.catalogue.actions import (
    attach,
    change_contacts,
    open_attachment,
    open_request,
    take_step,
)
from meterdesk.catalogue.forms import AttachForm, ContactsForm, StepForm
from meterdesk.catalogue.queries import View
from meterdesk.catalogue.queries import request as request_of
from meterdesk.catalogue.rules.data import RecordKind
from meterdesk.catalogue.rules.states import TRANSITIONS, DeliveryState, RequestPart, RequestVerb
from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.kernel.identifiers import parse_reference
from meterdesk.platform.files import Upload
from meterdesk.platform.web.downloads import as_download

OK, CONFLICT, INVALID = 200, 409, 422
_PRIMARY: Final = {
    (RequestPart.OPERATOR, DeliveryState.NEW): RequestVerb.TAKE,
    (RequestPart.OPERATOR, DeliveryState.IN_PROGRESS): RequestVerb.COMPLETE,
    (RequestPart.RAISER, DeliveryState.WAITING): RequestVerb.ANSWER,
}


@require_safe
def show(request: ActorRequest, request_reference: str) -> HttpResponse:
    """The request in full (SSI-FR-55)."""
    canonical = canonical_reference(request_reference)
    if canonical != request_reference:
        return redirect("catalogue:request", request_reference=canonical)
    return _page(request, open_request(request.actor, canonical, at=timezone.now()))


@require_POST
def attach_file(request: ActorRequest, request_reference: str) -> HttpResponse:
    """Add a file."""
    actor, reference = request.actor, canonical_reference(request_reference)
    seen = request_of(actor, reference, now=timezone.now())
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, seen, form, status=INVALID)
    file = form.cleaned_data["file"]
    try:
        attach(actor, reference, Upload(file.name, file), timezone.now())
    except NotAllowed:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _page(request, seen, form, status=refused.status)
    messages.success(request, f"{file.name} has been added.")
    return redirect("catalogue:request", request_reference=reference)


@require_safe
def download(request: ActorRequest, request_reference: str, attachment_id: int) -> HttpResponse:
    """A file, only ever as a download."""
    actor, canonical = request.actor, canonical_reference(request_reference)
    found = open_attachment(actor, canonical, attachment_id, at=timezone.now())
    return as_download(found.name, found.content_type, found.content)


@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: ActorRequest, request_reference: str) -> HttpResponse:
    """Update contact details (SSI-FR-56)."""
    actor = request.actor
    sent = request.method == "POST"
    seen = _seen(actor, canonical_reference(request_reference), sent=sent)
    if not seen.may_change_contacts:
        raise Conflict("The contacts are changed by the User that raised it, while it is open.")
    form = ContactsForm(request.POST if sent else None, initial=_contacts_of(seen))
    if not form.is_valid():
        return _contacts_page(request, seen, form, status=INVALID if sent else OK)
    whom, version = (form.contact(), form.other_contact()), form.cleaned_data["version"]
    try:
        change_contacts(actor, seen.reference, *whom, timezone.now(), version=version)
    except Stale:
        kept = request.POST.copy()
        kept["version"] = str(seen.version)
        return _contacts_page(request, seen, ContactsForm(kept), stale=True, status=CONFLICT)
    except Refused as refused:
        form.refuse(refused)
        return _contacts_page(request, seen, form, status=refused.status)
    messages.success(request, "The contact details are changed.")
    return redirect("catalogue:request", request_reference=seen.reference)


def _contacts_page(
    request: ActorRequest, seen: View, form: ContactsForm, *, stale: bool = False, status: int
) -> HttpResponse:
    context = {"one": seen, "form": form, "stale": stale}
    return render(request, "catalogue/contacts.html", context, status=status)


def _contacts_of(seen: View) -> dict[str, Any]:
    other = seen.additional_contact
    extra = {f"other_{name}": value for name, value in asdict(other).items()} if other else {}
    return {**asdict(seen.contact), **extra, "version": seen.version}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: ActorRequest, request_reference: str, verb: str) -> HttpResponse:
    """Ask what a step needs, and take it. What was typed is kept when somebody was quicker."""
    if verb not in set(RequestVerb):
        raise NotVisible()
    actor, wanted = request.actor, RequestVerb(verb)
    sent = request.method == "POST"
    seen = _seen(actor, canonical_reference(request_reference), sent=sent)
    form = StepForm(wanted, seen, request.POST if sent else None)
    title = TRANSITIONS[wanted].titled(is_dispute=seen.dispute is not None)
    if wanted not in seen.verbs and not form.is_valid():
        raise Conflict(
            f"This cannot be done now: {title}. {seen.reference} is {seen.state.in_text}."
        )
    if not form.is_valid():
        return _step_page(request, seen, wanted, form, status=INVALID if sent else OK)
    given = form.cleaned_data
    try:
        take_step(
            actor,
            seen.reference,
            wanted,
            timezone.now(),
            text=given.get("text", ""),
            version=given["version"],
        )
    except Stale:
        kept = request.POST.copy()
        kept["version"] = str(seen.version)
        again = StepForm(wanted, seen, kept)
        return _step_page(request, seen, wanted, again, stale=True, status=CONFLICT)
    except NotAllowed:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _step_page(request, seen, wanted, form, status=refused.status)
    done = TRANSITIONS[wanted].told(is_dispute=seen.dispute is not None)
    tag = f"{wanted.value}-{seen.reference}"
    messages.success(request, f"{seen.reference}: {done.lower()}.", extra_tags=tag)
    return redirect("catalogue:request", request_reference=seen.reference)


def _page(
    request: ActorRequest, seen: View, attach_form: AttachForm | None = None, *, status: int = OK
) -> HttpResponse:
    primary = _PRIMARY.get((seen.part, seen.state))
    context = {
        "one": seen,
        "primary": primary if primary in seen.verbs else None,
        "verbs": [verb for verb in seen.verbs if verb is not primary],
        "waits": seen.state is DeliveryState.WAITING and seen.part is RequestPart.RAISER,
        "attach_form": attach_form or AttachForm(),
        "form": attach_form,
    }
    return render(request, "catalogue/request.html", context, status=status)


def _step_page(
    request: ActorRequest,
    seen: View,
    verb: RequestVerb,
    form: StepForm,
    *,
    stale: bool = False,
    status: int = OK,
) -> HttpResponse:
    context = {
        "one": seen,
        "verb": verb,
        "title": TRANSITIONS[verb].titled(is_dispute=seen.dispute is not None),
        "form": form,
        "stale": stale,
        "still_open": verb in seen.verbs,
        "registration_url": _registration_url(request, seen, verb),
    }
    return render(request, "catalogue/step.html", context, status=status)


def _registration_url(request: ActorRequest, seen: View, verb: RequestVerb) -> str:
    """Where a provider is asked for a refresh, for whom accepting a dispute may begin there."""
    about = seen.dispute
    if about is None or about.record.kind is not RecordKind.METER_POINT:
        return ""
    may_ask = request.actor.sees_everything(DeskPermission.INTAKE)
    return reverse("desk:registration") if may_ask and verb is RequestVerb.COMPLETE else ""


def _seen(actor: Actor, reference: str, *, sent: bool) -> View:
    """The request; asking for a page of it is a reading, what is sent is kept by its action."""
    at = timezone.now()
    return request_of(actor, reference, now=at) if sent else open_request(actor, reference, at=at)


def canonical_reference(text: str) -> str:
    """The reference of an address. Raises NotVisible for what cannot be one."""
    try:
        return parse_reference(text)
    except Refused as refused:
        raise NotVisible() from refused

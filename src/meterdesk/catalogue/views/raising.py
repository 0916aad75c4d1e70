"""Raising a request: the form, check your answers, done (SSI-FR-56, SSI-FR-57)."""

from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meterdesk.catalogue.actions import AlreadyDisputed, check_request, raise_request
from meterdesk.catalogue.forms import AttachForm, RaiseForm, form_for
from meterdesk.catalogue.queries import Record, acting_for, datum_of, offer
from meterdesk.catalogue.queries import request as request_of
from meterdesk.catalogue.rules.data import Datum, record_name
from meterdesk.catalogue.rules.definition import Offer, TypeKind
from meterdesk.catalogue.views.one import INVALID, canonical_reference
from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.platform.files import Upload

Held = tuple[Record, Datum] | None


@require_http_methods(["GET", "HEAD", "POST"])
def raise_one(request: ActorRequest, request_type: str) -> HttpResponse:
    """The form; then its answers to check, with a file to add; then raise."""
    actor, offered = request.actor, offer(request_type)
    if not acting_for(actor):
        raise NotAllowed("Requests are raised for one's own User. No role of yours gives that.")
    disputes = offered.request_type.kind is TypeKind.DISPUTE
    if disputes and not request.GET.get("datum"):
        return redirect("catalogue:data")
    held = _held(request, actor) if disputes else None
    form = _form(request, actor, offered, held)
    if not form.is_bound:
        return _form_page(request, offered, held, form)
    try:
        return _sent(request, actor, offered, held, form)
    except AlreadyDisputed as already:
        messages.info(request, already.message)
        return redirect("catalogue:request", request_reference=already.reference)
    except Refused as refused:
        form.refuse(refused)
        if "file" in refused.fields:
            return _check_page(request, offered, held, form, problem=refused)
        return _form_page(request, offered, held, form, status=refused.status)


def _sent(
    request: ActorRequest, actor: Actor, offered: Offer, held: Held, form: RaiseForm
) -> HttpResponse:
    """What follows a form that was sent. Raises as the action does."""
    if not form.is_valid():
        return _form_page(request, offered, held, form, status=INVALID)
    if request.POST["step"] == "raise":
        file = request.FILES.get("file")
        evidence = Upload(file.name or "file", cast(BinaryIO, file)) if file else None
        reference = raise_request(actor, form.wanted(evidence), timezone.now())
        return redirect("catalogue:raised", request_reference=reference)
    check_request(actor, form.wanted(), timezone.now())
    return _check_page(request, offered, held, form)


@require_safe
def raised(request: ActorRequest, request_reference: str) -> HttpResponse:
    """The reference, and what happens next."""
    seen = request_of(request.actor, canonical_reference(request_reference), now=timezone.now())
    return render(request, "catalogue/raised.html", {"one": seen})


def _held(request: ActorRequest, actor: Actor) -> tuple[Record, Datum]:
    given = request.GET
    name = record_name(given.get("kind", ""), given.get("key", ""))
    return datum_of(actor, name, given.get("datum", ""), timezone.now())


def _form(request: ActorRequest, actor: Actor, offered: Offer, held: Held) -> RaiseForm:
    """The form: new, as it was typed and not judged yet, or sent."""
    disputed = (held[0].name, held[1]) if held else None
    if request.POST.get("step") in {"check", "raise"}:
        return form_for(actor, offered.request_type, disputed, request.POST)
    initial = dict(request.POST.items()) if request.method == "POST" else _profile(request)
    return form_for(actor, offered.request_type, disputed, initial=initial)


def _profile(request: ActorRequest) -> dict[str, Any]:
    person = request.person  # type: ignore[attr-defined]  # set by the middleware
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "telephone": person.telephone,
        "email": person.email,
    }


def _form_page(
    request: ActorRequest, offered: Offer, held: Held, form: RaiseForm, *, status: int = 200
) -> HttpResponse:
    context = _context(offered, held, form)
    return render(request, "catalogue/raise.html", context, status=status)


def _check_page(
    request: ActorRequest,
    offered: Offer,
    held: Held,
    form: RaiseForm,
    *,
    problem: Refused | None = None,
) -> HttpResponse:
    attach_form = AttachForm({}, {}) if problem else AttachForm()
    attach_form.fields["file"].required = False
    if problem:
        attach_form.is_valid()
        attach_form.refuse(problem)
    context = {
        **_context(offered, held, form),
        "given": form.cleaned_data,
        "answers": [(bound.label, form.cleaned_data[bound.name]) for bound in form.own_fields],
        "attach_form": attach_form,
    }
    return render(
        request, "catalogue/check.html", context, status=problem.status if problem else 200
    )


def _context(offered: Offer, held: Held, form: RaiseForm) -> dict[str, Any]:
    record, datum = held or (None, None)
    return {
        "form": form,
        "offer": offered,
        "record": record,
        "datum": datum,
        "several": not form["user_id"].is_hidden,
    }

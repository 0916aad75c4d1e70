"""One incident: seen, written on, with files (SSI-FR-30, 31, 33, 34)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.incidents.actions import add_update, attach, open_attachment, open_incident
from meterdesk.incidents.forms import AttachForm, UpdateForm
from meterdesk.incidents.queries import OperatorView, ReasonedLine, View, incident
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.states import Part, State, Verb
from meterdesk.incidents.rules.targets import Impact, Urgency
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused, Stale
from meterdesk.kernel.identifiers import parse_reference
from meterdesk.platform.web.downloads import as_download

OK, CONFLICT, INVALID = 200, 409, 422
_PRIMARY = {
    State.NEW: Verb.RESPOND,
    State.IN_PROGRESS: Verb.RESOLVE,
    State.ON_HOLD: Verb.RESUME,
    State.RESOLVED: Verb.CLOSE,
}


@require_safe
def show(request: ActorRequest, reference: str) -> HttpResponse:
    """The incident, as much of it as its reader may see."""
    canonical = canonical_reference(reference)
    if canonical != reference:
        return redirect("incidents:incident", reference=canonical)
    return page_of(request, open_incident(request.actor, canonical, at=timezone.now()))


@require_POST
def write(request: ActorRequest, reference: str) -> HttpResponse:
    """Write an update; what was typed is kept when somebody else was quicker."""
    actor, reference = request.actor, canonical_reference(reference)
    seen = incident(actor, reference)
    form = UpdateForm(seen.audiences, request.POST)
    if not seen.audiences:
        raise NotAllowed("Your part in this incident does not include writing on it.")
    if not form.is_valid():
        return page_of(request, seen, update_form=form, status=INVALID)
    given = form.cleaned_data
    try:
        add_update(
            actor,
            reference,
            Audience(given["audience"]),
            given["text"],
            timezone.now(),
            version=given["version"],
        )
    except Stale:
        again = UpdateForm(seen.audiences, initial={**given, "version": seen.version})
        return page_of(request, seen, update_form=again, stale=True, status=CONFLICT)
    except Refused as refused:
        form.refuse(refused)
        return page_of(request, seen, update_form=form, status=refused.status)
    added = f"Your update of {reference} has been added."
    messages.success(request, added, extra_tags=f"update-{reference}")
    return redirect("incidents:incident", reference=reference)


@require_POST
def attach_file(request: ActorRequest, reference: str) -> HttpResponse:
    """Add a file to an incident."""
    actor, reference = request.actor, canonical_reference(reference)
    seen = incident(actor, reference)
    form = AttachForm(seen.audiences, request.POST, request.FILES)
    if not seen.audiences:
        raise NotAllowed("Your part in this incident does not include adding files.")
    if not form.is_valid():
        return page_of(request, seen, attach_form=form, status=INVALID)
    file, audience = form.cleaned_data["file"], Audience(form.cleaned_data["audience"])
    try:
        attach(actor, reference, audience, file.name, file, timezone.now())
    except Refused as refused:
        form.refuse(refused)
        return page_of(request, seen, attach_form=form, status=refused.status)
    messages.success(request, f"{file.name} has been added.")
    return redirect("incidents:incident", reference=reference)


@require_safe
def download(request: ActorRequest, reference: str, attachment_id: int) -> HttpResponse:
    """A file, only ever as a download."""
    actor, canonical = request.actor, canonical_reference(reference)
    found = open_attachment(actor, canonical, attachment_id, at=timezone.now())
    return as_download(found.name, found.content_type, found.content)


def page_of(
    request: ActorRequest,
    seen: View,
    *,
    update_form: UpdateForm | None = None,
    attach_form: AttachForm | None = None,
    stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page of an incident, with forms as they stand."""
    primary = _PRIMARY.get(seen.state)
    asked = (one for one in seen.history if one.to_state is State.ON_HOLD != one.from_state)
    question = next((one.why for one in asked if isinstance(one, ReasonedLine)), "")
    waits = seen.state is State.ON_HOLD and seen.part is Part.RAISER
    context: dict[str, Any] = {
        "incident": seen,
        "question": question if waits else "",
        "primary": primary if primary in seen.verbs else None,
        "verbs": [verb for verb in seen.verbs if verb is not primary],
        "impact": Impact(seen.impact).word if isinstance(seen, OperatorView) else "",
        "urgency": Urgency(seen.urgency).word if isinstance(seen, OperatorView) else "",
        "update_form": update_form or UpdateForm(seen.audiences, initial={"version": seen.version}),
        "attach_form": attach_form or AttachForm(seen.audiences),
        "form": update_form if update_form and update_form.is_bound else attach_form,
        "stale": stale,
        "may_open_devices": request.actor.may_use("UC_Inventory"),
    }
    return render(request, "incidents/incident.html", context, status=status)


def canonical_reference(text: str) -> str:
    """The reference of an address. Raises NotVisible for what cannot be one."""
    try:
        return parse_reference(text)
    except Refused as refused:
        raise NotVisible() from refused

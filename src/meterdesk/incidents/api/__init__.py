"""Incidents by API: the same actions, queries and views as the screens (SSI-FR-22 to 34)."""

from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Form, Path, Query, Router, Status, UploadedFile

from meterdesk.identity.queries import ActorRequest, chosen_user_id
from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import VIEW
from meterdesk.incidents.actions import (
    RaiseIncident,
    add_update,
    attach,
    do,
    open_attachment,
    open_incident,
    raise_incident,
)
from meterdesk.incidents.api.schemas import (
    AttachmentConfirmation,
    IncidentOut,
    IncidentPage,
    IncidentQuery,
    RaiseIn,
    Reference,
    TransitionIn,
    UpdateConfirmation,
    UpdateIn,
    schema_of,
)
from meterdesk.incidents.queries import (
    ClockView,
    IncidentSearch,
    View,
    acting_for,
    incident,
    kept_diagnosis,
    search_incidents,
)
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.states import Verb
from meterdesk.incidents.rules.targets import Impact, Urgency
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_reference
from meterdesk.platform.api import FILE, IF_MATCH, name_version, require_version, required_version
from meterdesk.platform.web.downloads import as_download

router = Router(tags=["Incidents"])


@router.get(
    "/incidents",
    response=IncidentPage,
    operation_id="list_incidents",
    summary="Incidents that you may see",
    description="Those your UserIds raised, resolve or are interested in, newest first.",
)
def list_incidents(request: ActorRequest, query: Query[IncidentQuery]) -> Any:
    """A page of incidents (SSI-FR-32)."""
    search = IncidentSearch(
        text=query.text,
        states=tuple(sorted(set(query.state))),
        category=query.category,
        priority=query.priority,
        whose=query.whose,
        sort=query.sort,
    )
    page = search_incidents(request.actor, search, query.page)
    return {"items": [_plain(row) for row in page.items], "next": page.next}


@router.post(
    "/incidents",
    response={201: IncidentOut},
    operation_id="raise_incident",
    summary="Raise an incident",
    description="Answers the incident with its reference. The outcome of Diagnose, or why it was "
    "not run, is recorded.",
)
def raise_one(request: ActorRequest, body: RaiseIn) -> Any:
    """Raise (SSI-FR-22 to 29, IM-2)."""
    actor = request.actor
    extra = body.additional_contact
    new = RaiseIncident(
        user_id=chosen_user_id(body.user_id, acting_for(actor)),
        area=body.area,
        summary=body.summary,
        contact=body.contact.as_contact(),
        device_id=parse_eui(body.device_id) if body.device_id else None,
        mpxn=parse_mpxn(body.mpxn).value if body.mpxn else None,
        impact=Impact(body.impact),
        urgency=Urgency(body.urgency),
        category=body.category,
        notes=body.notes,
        business_impact=body.business_impact,
        your_reference=body.your_reference,
        additional_contact=extra.as_contact() if extra else None,
        occurred_at=body.occurred_at,
        diagnosis=_diagnosis(actor, body.diagnosis_id),
        diagnosis_not_run=body.diagnosis_not_run,
        repeat_of=parse_reference(body.repeat_of) if body.repeat_of else None,
    )
    if new.user_id not in actor.user_ids_for(VIEW):
        raise NotAllowed("The answer is the incident itself: the token needs UC_ViewSMI as well.")
    return Status(201, _out(incident(actor, raise_incident(actor, new, timezone.now()))))


@router.get(
    "/incidents/{reference}",
    response=IncidentOut,
    operation_id="get_incident",
    summary="An incident",
    description="As much of it as your part in it lets you see; `part` says which that is.",
)
def get_incident(request: ActorRequest, response: HttpResponse, reference: Path[Reference]) -> Any:
    """One incident (SSI-FR-33, SSI-FR-34, IM-24)."""
    seen = open_incident(request.actor, parse_reference(reference), at=timezone.now())
    name_version(response, seen.version)
    return _out(seen)


@router.post(
    "/incidents/{reference}/updates",
    response={201: UpdateConfirmation},
    operation_id="update_incident",
    summary="Write an update",
    description="To those whom the type names. An answer of the raiser ends a wait for the User.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def write_update(
    request: ActorRequest, response: HttpResponse, reference: Path[Reference], body: UpdateIn
) -> Any:
    """Write on an incident (SSI-FR-30, SSI-FR-31)."""
    actor, canonical = request.actor, parse_reference(reference)
    version = required_version(request, body.version)
    add_update(actor, canonical, body.type, body.text, timezone.now(), version=version)
    seen = incident(actor, canonical)
    name_version(response, seen.version)
    return Status(
        201,
        {
            "reference": canonical,
            "type": body.type,
            "state": seen.state,
            "version": seen.version,
        },
    )


@router.post(
    "/incidents/{reference}/attachments",
    response={201: AttachmentConfirmation},
    operation_id="attach_to_incident",
    summary="Add a file",
    description="PDF, PNG, JPEG, text, CSV, XML, JSON, XLSX or DOCX, at most 10 MB.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def add_attachment(
    request: ActorRequest,
    reference: Path[Reference],
    file: File[UploadedFile],
    type: Form[Audience],
) -> Any:
    """Add a file to an incident."""
    actor, canonical = request.actor, parse_reference(reference)
    require_version(request, incident(actor, canonical).version)
    number = attach(
        actor, canonical, type, file.name or "file", cast(BinaryIO, file), timezone.now()
    )
    return Status(201, {"reference": canonical, "id": number})


@router.get(
    "/incidents/{reference}/attachments/{attachment_id}",
    operation_id="get_incident_attachment",
    summary="The bytes of a file",
    description="Only for those to whom it was given.",
    openapi_extra=FILE,
)
def get_attachment(
    request: ActorRequest, reference: Path[Reference], attachment_id: int
) -> HttpResponse:
    """A file (IM-24)."""
    canonical = parse_reference(reference)
    found = open_attachment(request.actor, canonical, attachment_id, at=timezone.now())
    return as_download(found.name, found.content_type, found.content)


@router.post(
    "/incidents/{reference}/transitions",
    response={201: IncidentOut, 204: None},
    operation_id="change_incident",
    summary="Take a step",
    description="What you may do now stands in the incident's `verbs`. 204: it is done, and the "
    "incident has passed out of your sight, as one that you hand back may.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def take_transition(
    request: ActorRequest, response: HttpResponse, reference: Path[Reference], body: TransitionIn
) -> Any:
    """Work on an incident (IM-12, IM-13, IM-21)."""
    actor, canonical = request.actor, parse_reference(reference)
    given = _given(body) | {"version": required_version(request, body.version)}
    do(actor, canonical, body.verb, timezone.now(), **given)
    try:
        seen = incident(actor, canonical)
    except NotVisible:
        return Status(204, None)
    name_version(response, seen.version)
    return Status(201, _out(seen))


def _given(body: TransitionIn) -> dict[str, Any]:
    """What the action of the verb takes. Raises Refused when something is missing."""
    given: dict[str, Any] = {}
    match body.verb:
        case Verb.ASSIGN:
            given |= {"group_id": body.group_id, "person_id": body.person_id}
        case Verb.CATEGORISE:
            if body.category is None or body.impact is None or body.urgency is None:
                raise Refused("Give category, impact and urgency.", code="invalid")
            given |= {
                "category": body.category,
                "impact": body.impact,
                "urgency": body.urgency,
                "priority": body.priority,
                "why": body.why,
            }
        case Verb.ALLOCATE:
            user_id = parse_eui(body.user_id) if body.user_id else None
            given |= {
                "user_id": user_id,
                "organisation_id": body.organisation_id,
                "why": body.why,
            }
        case Verb.RESOLVE:
            given |= {"why": body.why, "code": body.code}
        case Verb.LINK_REPEAT:
            given["earlier"] = parse_reference(body.why)
        case Verb.HOLD | Verb.HAND_BACK | Verb.REOPEN | Verb.CANCEL:
            given["why"] = body.why
        case _:
            pass
    return given


def _diagnosis(actor: Actor, diagnosis_id: str | None) -> dict[str, Any] | None:
    if not diagnosis_id:
        return None
    try:
        kept = kept_diagnosis(actor, UUID(diagnosis_id))
    except ValueError:
        kept = None
    if kept is None:
        message = "You made no such diagnosis. Make one, or say why it was not run."
        raise Refused(message, code="unknown_diagnosis", fields={"diagnosis_id": message})
    return kept.outcome


def _out(seen: View) -> Any:
    plain = _plain(seen)
    plain["target_at"] = seen.target_at
    return schema_of(seen.part, plain)


def _plain(value: Any) -> Any:
    """A record as plain values, clocks as their schema names them."""
    if isinstance(value, ClockView):
        return _clock(value)
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _clock(view: ClockView) -> dict[str, Any]:
    reading = view.reading
    return {
        "clock": view.kind,
        "state": reading.state,
        "target": view.target,
        "calendar": view.calendar,
        "provisional": view.provisional,
        "started_at": view.started_at,
        "stopped_at": view.stopped_at,
        "due_at": reading.due_at,
        "paused_since": reading.paused_since,
        "elapsed_seconds": int(reading.elapsed.total_seconds()),
        "remaining_seconds": int(reading.remaining.total_seconds()),
        "paused_seconds": int(reading.paused.total_seconds()),
        "segments": [_plain(one) for one in reading.segments],
    }

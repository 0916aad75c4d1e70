"""One request, as the view that its reader may have (SSI-FR-54, SSI-FR-55)."""

from datetime import datetime
from typing import Any

from meterdesk.catalogue.access import COMPONENT, part_of, raises_for, visible_to, writing_parts
from meterdesk.catalogue.models import RequestAttachment, RequestStep, ServiceRequest
from meterdesk.catalogue.queries.data import datum_of
from meterdesk.catalogue.queries.records import (
    AnswerLine,
    AttachmentLine,
    DisputeView,
    HeldNow,
    OperatorView,
    RaiserView,
    StepLine,
    View,
)
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.rules.definition import Offer, read_catalogue
from meterdesk.catalogue.rules.states import (
    OPEN_STATES,
    REOPEN_WITHIN,
    TRANSITIONS,
    DeliveryState,
    RequestPart,
    RequestVerb,
    open_verbs,
)
from meterdesk.identity.queries import UserIdEntry, user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.platform import files
from meterdesk.platform.files import Download

RAISED = "raise"


def request(actor: Actor, reference: str, *, now: datetime) -> View:
    """The request as this actor may read it at `now`.

    Raises NotVisible when there is none or the actor may not know of it.
    """
    found = visible_request(actor, reference)
    part = part_of(actor, found)
    parts, state = writing_parts(actor, found), DeliveryState(found.state)
    contact, other = found.contact, found.additional_contact
    named = offer_of(found)
    raiser = found.raised_by
    fields: dict[str, Any] = {
        "reference": found.reference,
        "part": part,
        "category": named.category.title,
        "service": named.service.title,
        "request_type": found.type_title,
        "next": named.request_type.next,
        "state": state,
        "summary": found.summary,
        "your_reference": found.your_reference,
        "raised_by": raiser.display_name,
        "raised_for": found.raised_for,
        "raising_organisation": found.raising_organisation.name,
        "contact": Contact(**contact),
        "additional_contact": Contact(**other) if other else None,
        "answers": _answers(found, named),
        "dispute": _dispute(actor, found, now),
        "raised_at": found.raised_at,
        "updated_at": found.updated_at,
        "ended_at": found.ended_at,
        "reopen_until": found.ended_at + REOPEN_WITHIN if found.ended_at else None,
        "outcome": found.outcome,
        "history": _history(found, part),
        "attachments": _attachments(found, part),
        "verbs": open_verbs(parts, state, found.ended_at, now),
        "may_attach": bool(parts) and state in OPEN_STATES,
        "may_change_contacts": RequestPart.RAISER in parts and state in OPEN_STATES,
        "version": found.version,
    }
    if part is RequestPart.RAISER:
        return RaiserView(**fields)
    person = found.assigned_person
    return OperatorView(**fields, assigned_person=person.display_name if person else "")


def visible_request(actor: Actor, reference: str) -> ServiceRequest:
    """The row itself, for actions. Raises NotVisible as `request` does."""
    found = (
        ServiceRequest.objects.filter(visible_to(actor), reference=reference)
        .select_related(
            "catalogue", "dispute", "raised_by", "raising_organisation", "assigned_person"
        )
        .first()
    )
    if found is None:
        raise NotVisible(f"There is no request {reference} that you can see.")
    return found


def offer_of(found: ServiceRequest) -> Offer:
    """The request type as it was when the request was raised."""
    named = read_catalogue(found.catalogue.content).offer(found.request_type)
    assert named is not None  # noqa: S101  it was raised under this very version
    return named


def attachment(actor: Actor, reference: str, attachment_id: int) -> Download:
    """A file for download. Raises NotVisible."""
    row = (
        RequestAttachment.objects.select_related("file")
        .filter(request=visible_request(actor, reference), pk=attachment_id)
        .first()
    )
    if row is None:
        raise NotVisible()
    return Download(row.file.name, row.file.content_type, files.read(row.file))


def acting_for(actor: Actor) -> list[UserIdEntry]:
    """Own UserIds for which the person may raise requests (SSI-FR-57)."""
    return list(user_id_entries(raises_for(actor)).values())


def may_use_catalogue(actor: Actor) -> bool:
    """Whether the catalogue is open to the actor; the operator's desk has its own list."""
    return actor.may_use(COMPONENT)


def _answers(found: ServiceRequest, named: Offer) -> tuple[AnswerLine, ...]:
    return tuple(
        AnswerLine(field.name, field.label, str(found.answers.get(field.name, "")))
        for field in named.request_type.fields
    )


def _dispute(actor: Actor, found: ServiceRequest, now: datetime) -> DisputeView | None:
    if not found.datum:
        return None
    kept, record = found.dispute, RecordName(RecordKind(found.record), found.record_key)
    return DisputeView(
        record=record,
        datum=found.datum,
        label=kept.label,
        held_value=kept.held_value,
        held_source=kept.held_source,
        held_source_at=kept.held_source_at,
        held_since=kept.held_since,
        read_at=kept.read_at,
        proposed_value=kept.proposed_value,
        proposed_since=kept.proposed_since,
        now=_held_now(actor, record, found, now),
    )


def _held_now(
    actor: Actor, record: RecordName, found: ServiceRequest, now: datetime
) -> HeldNow | None:
    """By the reader's own rights: the comparison itself would tell what they may not see."""
    try:
        _, datum = datum_of(actor, record, found.datum, now)
    except Refused:
        return None
    as_proposed = datum.says(found.dispute.proposed_value)
    return HeldNow(datum.value, datum.source, datum.source_at, as_proposed)


def _history(found: ServiceRequest, part: RequestPart) -> tuple[StepLine, ...]:
    steps = found.steps.order_by("-at", "-pk")
    if part is RequestPart.RAISER:
        steps = steps.exclude(verb=RequestVerb.NOTE.value)
    return tuple(
        StepLine(
            verb=step.verb,
            done=_done(step.verb, is_dispute=bool(found.datum)),
            at=step.at,
            by=_by(step, part),
            from_state=DeliveryState(step.from_state) if step.from_state else None,
            to_state=DeliveryState(step.to_state),
            text=step.text,
        )
        for step in steps
    )


def _done(verb: str, *, is_dispute: bool) -> str:
    return (
        "Raised" if verb == RAISED else TRANSITIONS[RequestVerb(verb)].told(is_dispute=is_dispute)
    )


def _attachments(found: ServiceRequest, part: RequestPart) -> tuple[AttachmentLine, ...]:
    return tuple(
        AttachmentLine(
            row.pk,
            row.file.name,
            row.file.content_type,
            row.file.size_bytes,
            _by(row, part),
            row.at,
        )
        for row in found.attachments.select_related("file").order_by("at", "pk")
    )


def _by(row: RequestStep | RequestAttachment, reader: RequestPart) -> str:
    """Who it was: by name for the desk and on one's own side, else only what it is."""
    if reader is RequestPart.OPERATOR or row.part == reader:
        return f"{row.person_name}, {row.organisation_name}"
    return RequestPart(row.part).word

"""Taking one step of the table, adding a file, changing contacts: checked, compared and set."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from meterdesk.catalogue.access import writing_parts
from meterdesk.catalogue.actions.contacts import tidy, wrong_contacts
from meterdesk.catalogue.actions.telling import tell_step
from meterdesk.catalogue.models import RequestAttachment, RequestStep, ServiceRequest
from meterdesk.catalogue.queries.one import visible_request
from meterdesk.catalogue.rules.states import (
    OPEN_STATES,
    TRANSITIONS,
    DeliveryState,
    RequestPart,
    RequestVerb,
    refusal,
)
from meterdesk.identity.rules import Actor
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused, Stale
from meterdesk.platform import activity, files
from meterdesk.platform.files import Upload

LONGEST_TEXT = 10_000
NO_RIGHT = "Your part in this request does not include this."


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the history: verb, from and to which state, and the words written to it."""

    verb: str
    source: DeliveryState | None
    target: DeliveryState
    text: str = ""


def take_step(
    actor: Actor,
    reference: str,
    verb: RequestVerb,
    at: datetime,
    *,
    text: str = "",
    version: int | None = None,
) -> None:
    """Take a step of the table; a comment and a work note are steps that stay.

    Args:
        actor: who acts.
        reference: the request.
        verb: the row of the table.
        at: aware instant of the step.
        text: what the row asks for.
        version: the version the actor read, or None to take it as it is.

    Raises:
        NotVisible: the actor may not know of it.
        NotAllowed: the actor's part does not include it.
        Stale: somebody else changed it since the actor read it.
        Conflict: its state does not allow it, or the datum is disputed anew meanwhile.
        Refused: words that are asked for are missing or too long.
    """
    try:
        with transaction.atomic():
            _take_step(actor, reference, verb, at, text.strip(), version)
    except IntegrityError as error:
        if "request_one_open_dispute" not in str(error):
            raise
        raise Conflict(
            "Your organisation has another open dispute of the same datum. Go on with that one."
        ) from None


def _take_step(
    actor: Actor, reference: str, verb: RequestVerb, at: datetime, text: str, version: int | None
) -> None:
    found, part = _open_to(actor, reference, version, TRANSITIONS[verb].who)
    row, source = TRANSITIONS[verb], DeliveryState(found.state)
    if reason := refusal(verb, {part}, source, found.ended_at, at):
        raise Conflict(reason, code="state_does_not_allow")
    if row.asks and not text:
        raise Refused(f"Enter: {row.asks.lower()}.", fields={"text": f"Enter: {row.asks.lower()}."})
    if len(text) > LONGEST_TEXT:
        limit = f"Use {LONGEST_TEXT:,} characters or fewer."
        raise Refused(limit, fields={"text": limit})
    target = row.moves[source]
    _compare_and_set(found, at, state=target, **_changes(actor, verb, source, target, text, at))
    found.state = target
    record_step(actor, found, Step(verb.value, source, target, text), part, at)
    tell_step(found, verb, row.told(is_dispute=bool(found.datum)), text, part, at)


def _changes(
    actor: Actor,
    verb: RequestVerb,
    source: DeliveryState,
    target: DeliveryState,
    text: str,
    at: datetime,
) -> dict[str, Any]:
    """Columns that a step sets besides state and version."""
    changes: dict[str, Any] = {}
    if verb is RequestVerb.TAKE:
        changes["assigned_person_id"] = actor.person_id
    if (source in OPEN_STATES) is not (target in OPEN_STATES):
        changes["ended_at"] = None if target in OPEN_STATES else at
    if verb in {RequestVerb.COMPLETE, RequestVerb.REJECT}:
        changes["outcome"] = text
    elif verb is RequestVerb.REOPEN:
        changes["outcome"] = ""
    return changes


@transaction.atomic
def attach(
    actor: Actor, reference: str, upload: Upload, at: datetime, *, version: int | None = None
) -> int:
    """Keep a file on the request, for everybody who sees it; returns the attachment's number.

    Raises as `take_step`, and as `platform.files.keep`.
    """
    found, part = _open_to(actor, reference, version, frozenset(RequestPart))
    if DeliveryState(found.state) not in OPEN_STATES:
        raise Conflict("This request has ended. Reopen it to add a file.")
    _compare_and_set(found, at)
    return attach_file(actor, found, upload, part, at)


@transaction.atomic
def change_contacts(
    actor: Actor,
    reference: str,
    contact: Contact,
    other: Contact | None,
    at: datetime,
    *,
    version: int | None = None,
) -> None:
    """Set whom the desk speaks to (SSI-FR-56), while it is open. Raises as `take_step`."""
    found, _part = _open_to(actor, reference, version, frozenset({RequestPart.RAISER}))
    if DeliveryState(found.state) not in OPEN_STATES:
        raise Conflict("This request has ended. Reopen it to change its contacts.")
    if wrong := wrong_contacts(contact, other):
        raise Refused("Some details are missing or wrong.", code="invalid", fields=wrong)
    extra = asdict(tidy(other)) if other else None
    _compare_and_set(found, at, contact=asdict(tidy(contact)), additional_contact=extra)
    activity.record(actor=actor, verb="catalogue.contacts", subject=reference, at=at)


def attach_file(
    actor: Actor, found: ServiceRequest, upload: Upload, part: RequestPart, at: datetime
) -> int:
    """Keep a file within the caller's transaction; returns the attachment's number."""
    kept = files.keep(upload.name, upload.content, at=at)
    row = RequestAttachment.objects.create(
        request=found,
        file=kept,
        part=part,
        person_id=actor.person_id,
        person_name=actor.display_name,
        organisation_name=actor.organisation_name,
        at=at,
    )
    activity.record(
        actor=actor,
        verb="catalogue.attach",
        subject=found.reference,
        at=at,
        detail={"name": kept.name, "sha256": kept.sha256},
    )
    return row.pk


def record_step(
    actor: Actor, found: ServiceRequest, step: Step, part: RequestPart, at: datetime
) -> None:
    """Write a step into the history and the activity log."""
    source = step.source or ""
    RequestStep.objects.create(
        request=found,
        verb=step.verb,
        from_state=source,
        to_state=step.target,
        text=step.text,
        part=part,
        person_id=actor.person_id,
        person_name=actor.display_name,
        organisation_name=actor.organisation_name,
        at=at,
    )
    activity.record(
        actor=actor,
        verb=f"catalogue.{step.verb}",
        subject=found.reference,
        at=at,
        detail={"from": source, "to": step.target, "text": step.text},
    )


def _open_to(
    actor: Actor, reference: str, version: int | None, who: frozenset[RequestPart]
) -> tuple[ServiceRequest, RequestPart]:
    """The request, and the part in which the actor may change it so."""
    found = visible_request(actor, reference)
    if version is not None and version != found.version:
        raise Stale()
    parts = writing_parts(actor, found) & who
    if not parts:
        raise NotAllowed(NO_RIGHT)
    return found, RequestPart.RAISER if RequestPart.RAISER in parts else RequestPart.OPERATOR


def _compare_and_set(found: ServiceRequest, at: datetime, **changes: Any) -> None:
    changed = ServiceRequest.objects.filter(
        pk=found.pk, state=found.state, version=found.version
    ).update(version=F("version") + 1, updated_at=at, **changes)
    if not changed:
        raise Stale()

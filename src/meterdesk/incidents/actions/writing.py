"""Writing on an incident: updates and attachments (SSI-FR-30, SSI-FR-31, IM-3)."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.db.models import F

from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import deciding_part
from meterdesk.incidents.actions.steps import NO_RIGHT, Step, record_step, turn_clocks
from meterdesk.incidents.actions.telling import tell_update
from meterdesk.incidents.models import Incident, IncidentAttachment, IncidentUpdate
from meterdesk.incidents.queries.one import may_update, visible_incident
from meterdesk.incidents.rules.audience import Audience, audiences_for
from meterdesk.incidents.rules.states import TRANSITIONS, Part, State, Verb
from meterdesk.kernel.errors import NotAllowed, Refused, Stale
from meterdesk.platform import activity, files

LONGEST_TEXT = 10_000


@transaction.atomic
def add_update(
    actor: Actor,
    reference: str,
    audience: Audience,
    text: str,
    at: datetime,
    *,
    version: int | None = None,
) -> None:
    """Write to those working on it (SSI-FR-30). A User's answer ends a wait for the User.

    Raises NotVisible, NotAllowed, Refused, and Stale when it changed since `version`.
    """
    found = visible_incident(actor, reference)
    if version is not None and version != found.version:
        raise Stale()
    part = _writer(actor, found, audience)
    if not text.strip():
        raise Refused("Enter the update.", fields={"text": "Enter the update."})
    if len(text) > LONGEST_TEXT:
        limit = f"The update must be {LONGEST_TEXT:,} characters or fewer."
        raise Refused(limit, fields={"text": limit})
    IncidentUpdate.objects.create(
        incident=found,
        audience=audience,
        text=text.strip(),
        part=part,
        person_id=actor.person_id,
        person_name=actor.display_name,
        organisation_id=actor.organisation_id,
        at=at,
    )
    _touch(actor, found, part, at)
    activity.record(
        actor=actor,
        verb="incidents.update",
        subject=reference,
        at=at,
        detail={"audience": audience.value},
    )
    tell_update(found, audience, text.strip(), part, at)


@transaction.atomic
def attach(
    actor: Actor,
    reference: str,
    audience: Audience,
    name: str,
    content: BinaryIO,
    at: datetime,
) -> int:
    """Keep a file on the incident for an audience; returns the attachment's number.

    Raises Refused: 413 when it is too large, 422 when it is infected or of a type that is not
    accepted, 503 when the malware scanner does not answer.
    """
    found = visible_incident(actor, reference)
    part = _writer(actor, found, audience)
    kept = files.keep(name, content, at=at)
    attachment = IncidentAttachment.objects.create(
        incident=found,
        file=kept,
        audience=audience,
        part=part,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        at=at,
    )
    Incident.objects.filter(pk=found.pk).update(updated_at=at)
    activity.record(
        actor=actor,
        verb="incidents.attach",
        subject=reference,
        at=at,
        detail={"name": kept.name, "sha256": kept.sha256},
    )
    return attachment.pk


def _writer(actor: Actor, found: Incident, audience: Audience) -> Part:
    parts = may_update(actor, found)
    if not parts:
        raise NotAllowed(NO_RIGHT)
    if audience not in audiences_for(parts):
        raise Refused("Choose a type of update.", fields={"audience": "Choose a type of update."})
    return deciding_part(parts)


def _touch(actor: Actor, found: Incident, part: Part, at: datetime) -> None:
    """Move the version on; an answer of the User takes an incident on hold back to work."""
    source = State(found.state)
    answered = part is Part.RAISER and source is State.ON_HOLD
    target = TRANSITIONS[Verb.REPLY].moves[source] if answered else source
    changed = Incident.objects.filter(pk=found.pk, state=source, version=found.version).update(
        state=target, version=F("version") + 1, updated_at=at
    )
    if not changed:
        raise Stale()
    if answered:
        found.state = target
        record_step(actor, found, Verb.REPLY.value, part, source, at, Step())
        turn_clocks(found.pk, source, target, at)

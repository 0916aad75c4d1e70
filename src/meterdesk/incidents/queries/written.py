"""Updates and attachments of an incident, each to those to whom it was written."""

from datetime import datetime

from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import deciding_part, parts_of, visible_to
from meterdesk.incidents.models import Incident, IncidentAttachment, IncidentUpdate
from meterdesk.incidents.queries.allocation import allocated_at
from meterdesk.incidents.queries.records import AttachmentLine, UpdateLine
from meterdesk.incidents.rules.audience import Audience, may_read
from meterdesk.incidents.rules.states import Part
from meterdesk.kernel.errors import NotVisible
from meterdesk.platform import files
from meterdesk.platform.files import Download


def updates_of(actor: Actor, found: Incident, part: Part) -> tuple[UpdateLine, ...]:
    """Updates that the reader may read, newest first."""
    rows = found.updates.select_related("person", "organisation").order_by("-at", "-pk")
    since = allocated_at(found, part)
    return tuple(
        UpdateLine(row.at, _by(actor, row, part), Part(row.part), Audience(row.audience), row.text)
        for row in rows
        if _readable(actor, row, part, since)
    )


def attachments_of(actor: Actor, found: Incident, part: Part) -> tuple[AttachmentLine, ...]:
    """Attachments that the reader may have, oldest first."""
    rows = found.attachments.select_related("file", "person", "organisation").order_by("at", "pk")
    since = allocated_at(found, part)
    return tuple(
        AttachmentLine(
            row.pk,
            row.file.name,
            row.file.content_type,
            row.file.size_bytes,
            _by(actor, row, part),
            Audience(row.audience),
            row.at,
        )
        for row in rows
        if _readable(actor, row, part, since)
    )


def attachment(actor: Actor, reference: str, attachment_id: int) -> Download:
    """A file for download. Raises NotVisible for those to whom it was not given (IM-24)."""
    found = Incident.objects.filter(visible_to(actor), reference=reference).first()
    row = (
        IncidentAttachment.objects.select_related("file")
        .filter(incident=found, pk=attachment_id)
        .first()
        if found
        else None
    )
    if found is None or row is None:
        raise NotVisible()
    part = deciding_part(parts_of(actor, found))
    if not _readable(actor, row, part, allocated_at(found, part)):
        raise NotVisible()
    return Download(row.file.name, row.file.content_type, files.read(row.file))


def _readable(
    actor: Actor, row: IncidentUpdate | IncidentAttachment, part: Part, since: datetime | None
) -> bool:
    earlier = since is not None and row.at < since
    return may_read(Audience(row.audience), part, own=_is_own(actor, row, part), earlier=earlier)


def _is_own(actor: Actor, row: IncidentUpdate | IncidentAttachment, part: Part) -> bool:
    return row.part == part and row.organisation_id == actor.organisation_id


def _by(actor: Actor, row: IncidentUpdate | IncidentAttachment, reader: Part) -> str:
    """Who wrote it: by name on one's own side and at the desk, else only what it is.

    Another party that was responsible before is not one's own side.
    """
    raisers = reader is Part.RAISER and row.part == Part.RAISER
    if reader is Part.OPERATOR or raisers or _is_own(actor, row, reader):
        return f"{row.person.display_name}, {row.organisation.name}"
    word = Part(row.part).word
    return word[:1].upper() + word[1:]

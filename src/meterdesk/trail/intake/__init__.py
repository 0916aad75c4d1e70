"""Intake of the trail: NDJSON, or DUIS documents (`*.xml`), by the file's name."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import (
    Batch,
    Intake,
    Outcome,
    Refusal,
    Source,
    Unreadable,
    read_documents,
    read_json_lines,
)
from meterdesk.trail.actions import DuisDocument, record_documents, record_messages
from meterdesk.trail.intake.duis import (
    MAX_BYTES,
    Schema,
    load_schema,
    read_document,
    request_id_in,
)
from meterdesk.trail.intake.feed import read_line
from meterdesk.trail.rules import check_received_at


def _schema() -> Schema | None:
    return load_schema(settings.DUIS_SCHEMAS) if settings.DUIS_SCHEMAS else None


def _received_at(options: Mapping[str, str]) -> datetime:
    """The instant given as --received-at, or now."""
    now = datetime.now(UTC)
    given = options.get("received_at", "")
    if not given:
        return now
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Unreadable(
            "The time of receipt must be like 2026-01-31T09:30:00Z, with Z or an offset."
        )
    try:
        return check_received_at(instant, now)
    except Refused as refused:
        raise Unreadable(refused.message) from refused


def read(source: Source, options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    """Read a file of either format as a stream. Raises Unreadable."""
    _received_at(options)
    if source.suffix.lower() != ".xml":
        return read_json_lines(source, partial(read_line, now=datetime.now(UTC)))
    parse = partial(read_document, schema=_schema(), filename=source.name[:255])
    return read_documents(source, parse, MAX_BYTES, request_id_in)


def apply(batch: Batch) -> Outcome:
    """Record one batch; lines and documents may be mixed in a run of several files."""
    documents = [(line, item) for line, item in batch.records if isinstance(item, DuisDocument)]
    messages = [(line, item) for line, item in batch.records if not isinstance(item, DuisDocument)]
    outcome = record_messages(messages) if messages else Outcome()
    if documents:
        more = record_documents(documents, _received_at(batch.options))
        outcome.accepted += more.accepted
        outcome.unchanged += more.unchanged
        outcome.refused += more.refused
    return outcome


def note(_options: Mapping[str, str]) -> str:
    """What was not checked, for the run's report."""
    if settings.DUIS_SCHEMAS:
        return "DUIS documents: checked against the schema; signatures were not verified here."
    return (
        "DUIS documents: the schema was not checked, for METERDESK_DUIS_SCHEMAS names no folder; "
        "only the envelope was. Signatures were not verified here."
    )


TRAIL = Intake("trail", "Service audit trail", read, apply, note, batch_size=10_000)

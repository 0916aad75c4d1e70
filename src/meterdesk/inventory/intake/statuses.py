"""Changes of SMI Status, and hubs replaced, from CSV or NDJSON (INV-3 to INV-5).

Format: docs/reference/formats/device-status.md. Records count in the order of the file: a meter
may be commissioned by the line after the one that commissions its hub.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from meterdesk.identity.queries import user_id_entries
from meterdesk.inventory.actions import Origin, change_statuses, replace_hub
from meterdesk.inventory.intake.fields import (
    STATUSES,
    choice,
    device_number,
    is_ndjson,
    read,
    refuse,
    via,
    when,
)
from meterdesk.inventory.rules import Accepted, DeviceStatus, StatusRequest
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, parse_eui
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv, read_ndjson


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One record: the request, and the hub that this one replaces, if it replaces one."""

    request: StatusRequest
    replaces: str | None = None


Numbered = tuple[int, StatusRecord]


def parse_status(row: Mapping[str, Any]) -> StatusRecord:
    """One row or object as a record; raises Refused with the column and the reason."""
    device_id, at = read(row, "device_id"), read(row, "at")
    if not device_id:
        raise refuse("device_id", "is missing.", "no_device_id")
    status = choice(row, "status", STATUSES)
    if not status:
        raise refuse("status", "is missing.", "no_status")
    if not at:
        raise refuse("at", "is missing: since when the Device has the status.", "no_status_date")
    replaces = via(parse_eui, row, "replaces")
    if replaces and status != DeviceStatus.COMMISSIONED:
        raise refuse("replaces", "a hub replaces another once it is Commissioned.", "not_yet")
    request = StatusRequest(
        device_number("device_id", device_id),
        DeviceStatus(status),
        when("at", at),
        read(row, "reason", 200),
        via(parse_eui, row, "user_id"),
    )
    return StatusRecord(request, replaces)


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    if is_ndjson(source):
        return read_ndjson(source, parse_status)
    return read_csv(source, ("device_id", "status", "at"), parse_status)


def _apply(batch: Batch) -> Outcome:
    outcome, now = Outcome(), timezone.now()
    known = user_id_entries({one.request.user_id for _, one in batch.records} - {None})
    sound: list[Numbered] = []
    for line, record in batch.records:
        asked_by = record.request.user_id
        if asked_by and asked_by not in known:
            reason = f"user_id: {asked_by} is no UserId of an organisation here."
            outcome.refused.append(_refusal(line, record, Refused(reason, code="unknown_user_id")))
        else:
            sound.append((line, record))
    for replaces, group in groupby(sound, key=lambda one: one[1].replaces is not None):
        if replaces:
            for one in group:
                _replace(one, batch.run_id, outcome, now)
        else:
            _change(list(group), batch.run_id, outcome, now)
    return outcome


def _change(records: list[Numbered], run_id: int, outcome: Outcome, now: datetime) -> None:
    answers = change_statuses(
        [record.request for _line, record in records],
        Origin(run_id or None, [line for line, _record in records]),
        at=now,
    )
    steps: Counter[str] = Counter()
    for (line, record), answer in zip(records, answers, strict=True):
        if answer is None:
            outcome.unchanged += 1
        elif isinstance(answer, Refused):
            outcome.refused.append(_refusal(line, record, answer))
        else:
            outcome.accepted += 1
            steps[_words(answer)] += 1
    outcome.noted.update(steps)


def _replace(one: Numbered, run_id: int, outcome: Outcome, now: datetime) -> None:
    """A hub's change and the restoring of its predecessor's Device log: both or neither."""
    line, record = one
    request, origin = record.request, Origin(run_id or None, [line])
    old, new = str(record.replaces), eui_from_int(request.device_id)
    try:
        with transaction.atomic():
            (answer,) = change_statuses([request], origin, at=now)
            if isinstance(answer, Refused):
                raise answer
            moved = replace_hub(old, new, request.reason, origin, at=request.at, now=now)
    except Refused as refused:
        outcome.refused.append(_refusal(line, record, refused))
        return
    outcome.accepted += bool(answer or moved)
    outcome.unchanged += not (answer or moved)
    if moved:
        outcome.noted["Hubs replaced"] += 1


def _words(answer: Accepted) -> str:
    before = answer.before.status
    return f"{before.label if before else 'None'} to {answer.request.after.label}"


def _refusal(line: int, record: StatusRecord, refused: Refused) -> Refusal:
    return Refusal(line, refused.code, refused.message, eui_from_int(record.request.device_id))


STATUS_CHANGES: Final = Intake("device-status", "Changes of Device status", _read, _apply)

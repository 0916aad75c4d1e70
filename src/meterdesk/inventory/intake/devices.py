"""Devices, their associations and status changes, from CSV or NDJSON.

A record states a Device as a whole and replaces what was stored, unless it tells of an earlier
status than is known: then only its statuses are added to the history.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils import timezone

from meterdesk.inventory.intake.contradictions import contradictions
from meterdesk.inventory.intake.fields import is_ndjson
from meterdesk.inventory.intake.loading import load
from meterdesk.inventory.intake.parsing import DeviceRecord, parse_device
from meterdesk.inventory.intake.writing import write
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv, read_ndjson


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    if is_ndjson(source):
        return read_ndjson(source, parse_device)
    return read_csv(source, ("device_id", "device_type"), parse_device)


def _apply(batch: Batch) -> Outcome:
    rounds, repeats, refused = _in_rounds(batch.records)
    changed: set[int] = set()
    for given in rounds:
        wrong = contradictions(given)
        refused += wrong
        lines = {one.line for one in wrong}
        sound = [one for one in given if one[0] not in lines]
        changed |= write(sound, batch.run_id, timezone.now())
    told = [one for one in batch.records if one[0] not in {one.line for one in refused}]
    accepted = sum(record.device_id in changed and line not in repeats for line, record in told)
    return Outcome(accepted=accepted, unchanged=len(told) - accepted, refused=refused)


def _in_rounds(
    records: list[tuple[int, DeviceRecord]],
) -> tuple[list[list[tuple[int, DeviceRecord]]], set[int], list[Refusal]]:
    """Records as if they had come one after the other, the lines of repeats, and refusals.

    A round has one record a Device; a Device that moves within the batch has one in each of
    several rounds, so that the place it left is remembered.
    """
    stays: dict[int, list[tuple[int, DeviceRecord]]] = {}
    first: dict[int, DeviceRecord] = {}
    repeats: set[int] = set()
    refused: list[Refusal] = []
    for line, record in records:
        known = stays.setdefault(record.device_id, [])
        if not known:
            known.append((line, record))
            first[record.device_id] = record
            continue
        if record == first[record.device_id]:
            repeats.add(line)
        before_line, before = known[-1]
        if record.is_older_than(before):
            known[-1] = before_line, before.with_history_of(record)
        elif not before.place.is_left_for(record.place):
            known[-1] = line, record.with_history_of(before)
        elif before.is_older_than(record):
            known.append((line, record))
        else:
            refused.append(_two_homes(line, record))
    longest = max(map(len, stays.values()), default=0)
    rounds = [[one[at] for one in stays.values() if len(one) > at] for at in range(longest)]
    return rounds, repeats, refused


def _two_homes(line: int, record: DeviceRecord) -> Refusal:
    return Refusal(
        line,
        "in_two_homes",
        "An earlier record puts this Device elsewhere at the same time. Say by status_date or"
        " placed_at which is the later.",
        eui_from_int(record.device_id),
    )


INVENTORY: Final = Intake("inventory", "Inventory of Devices", _read, _apply, load=load)

"""Devices, their associations and status changes, from CSV or NDJSON.

A record states a Device as a whole and replaces what was stored, unless it tells of an earlier
status than is known: then only its statuses are added to the history.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from meterdesk.inventory.intake.parsing import COLUMNS, DeviceRecord, parse_device
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, read_csv, read_ndjson

_LIST: Final = ", ".join(COLUMNS)
_SAME: Final = ", ".join(f"inventory_device.{name}" for name in COLUMNS)
_GIVEN: Final = ", ".join(f"excluded.{name}" for name in COLUMNS)

# Plain tables of this transaction, made afresh for each batch.
_PREPARE: Final = f"""
drop table if exists incoming, incoming_change, incoming_association;
create temporary table incoming on commit drop as
  select device_id, {_LIST} from inventory_device with no data;
create temporary table incoming_change (device_id bigint, at timestamptz, status text)
  on commit drop;
create temporary table incoming_association (device_id bigint, associated_id bigint)
  on commit drop;
"""  # noqa: S608  constants only

# `offset 0` keeps the planner from reading every association there is.
_WRITE: Final = f"""
with earlier as (
  select i.device_id from incoming i join inventory_device d using (device_id)
   where d.status_at > i.status_at
), written as (
  insert into inventory_device (device_id, {_LIST}, updated_at)
  select device_id, {_LIST}, %(at)s from incoming order by device_id
  on conflict (device_id) do update
     set ({_LIST}, updated_at) = row({_GIVEN}, excluded.updated_at)
   where (inventory_device.status_at > excluded.status_at) is not true
     and ({_SAME}) is distinct from ({_GIVEN})
  returning device_id
), remembered as (
  insert into inventory_devicestatuschange (device_id, at, status)
  select device_id, at, status from incoming_change order by 1, 2
  on conflict do nothing returning device_id
), parted as (
  delete from inventory_deviceassociation where ctid = any(array(
    select known.ctid from incoming i cross join lateral (
             select a.ctid, a.associated_id from inventory_deviceassociation a
              where a.device_id = i.device_id offset 0) known
     where not exists (select from earlier e where e.device_id = i.device_id)
       and not exists (select from incoming_association n
                        where n.device_id = i.device_id and n.associated_id = known.associated_id)))
  returning device_id
), joined as (
  insert into inventory_deviceassociation (device_id, associated_id)
  select device_id, associated_id from incoming_association n
   where not exists (select from earlier e where e.device_id = n.device_id)
   order by 1, 2
  on conflict do nothing returning device_id
)
select device_id from written union select device_id from remembered
union select device_id from parted union select device_id from joined
"""  # noqa: S608  constants only


def _read(path: Path, _options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    if _is_ndjson(path):
        return read_ndjson(path, parse_device)
    return read_csv(path, ("device_id", "device_type"), parse_device)


def _is_ndjson(path: Path) -> bool:
    """By suffix, otherwise by how the content begins."""
    if path.suffix.lower() in {".ndjson", ".jsonl", ".json"}:
        return True
    if path.suffix.lower() == ".csv":
        return False
    with path.open("rb") as stream:
        return stream.read(1_000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _apply(batch: Batch) -> Outcome:
    merged, repeats = _merge(batch.records)
    changed = _write(list(merged.values()), timezone.now())
    accepted = sum(
        record.device_id in changed and line not in repeats for line, record in batch.records
    )
    return Outcome(accepted=accepted, unchanged=len(batch.records) - accepted)


def _merge(records: list[tuple[int, DeviceRecord]]) -> tuple[dict[int, DeviceRecord], set[int]]:
    """One record a Device, as if they had come one after the other, and the lines of repeats."""
    merged: dict[int, DeviceRecord] = {}
    first: dict[int, DeviceRecord] = {}
    repeats: set[int] = set()
    for line, record in records:
        before = merged.get(record.device_id)
        if before is None:
            merged[record.device_id] = first[record.device_id] = record
            continue
        if record == first[record.device_id]:
            repeats.add(line)
        newer, older = (before, record) if record.is_older_than(before) else (record, before)
        merged[record.device_id] = replace(newer, history=newer.history | older.history)
    return merged, repeats


def _write(records: Sequence[DeviceRecord], at: datetime) -> set[int]:
    """Write a batch set by set; return the Devices about which something was new."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        with cursor.copy(f"copy incoming (device_id, {_LIST}) from stdin") as copy:
            for record in records:
                copy.write_row((record.device_id, *record.values))
        with cursor.copy("copy incoming_change from stdin") as copy:
            for record in records:
                for change in record.history:
                    copy.write_row((record.device_id, *change))
        with cursor.copy("copy incoming_association from stdin") as copy:
            for record in records:
                for associated_id in record.associated:
                    copy.write_row((record.device_id, associated_id))
        cursor.execute(_WRITE, {"at": at})
        return {device_id for (device_id,) in cursor.fetchall()}


INVENTORY: Final = Intake("inventory", "Inventory of Devices", _read, _apply)

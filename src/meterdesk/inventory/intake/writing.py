"""Writing a batch of Devices set by set: records, statuses, associations, places left."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.inventory.actions import note_for_network_parties, take_turns
from meterdesk.inventory.events import DeviceStatusChanged
from meterdesk.inventory.intake.parsing import COLUMNS, DeviceRecord
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.identifiers import eui_from_int

_LIST: Final = ", ".join(COLUMNS)
_SAME: Final = ", ".join(f"inventory_device.{name}" for name in COLUMNS)
_GIVEN: Final = ", ".join(f"excluded.{name}" for name in COLUMNS)
_POINTS: Final = ("import_mpxn", "secondary_import_mpan", "export_mpan")
_PLACE: Final = (*_POINTS, "uprn")


def _earlier(held: str, given: str) -> str:
    """Whether the record given tells of an earlier time than is held."""
    return (
        f"({held}.status_at > {given}.status_at or {held}.status_at is not distinct from"
        f" {given}.status_at and {held}.placed_at > {given}.placed_at) is true"
    )


def _left(held: str, given: str) -> str:
    """Whether the record given replaces or takes away something of the place held."""
    return "({})".format(
        " or ".join(
            f"({held}.{name} is not null and {held}.{name} is distinct from {given}.{name})"
            for name in _PLACE
        )
    )


def _moved_at(held: str, given: str) -> str:
    """When a move took place: as told, else with the new status, else now; never back in time."""
    return (
        f"greatest({held}.placed_at, coalesce({given}.placed_at,"
        f" case when {held}.status_at < {given}.status_at then {given}.status_at end, %(at)s))"
    )


def _nowhere(one: str) -> str:
    return f"coalesce({', '.join(f'{one}.{name}' for name in _PLACE)}) is null"


_HELD: Final = "inventory_device"
_PLACED_AT: Final = f"""
case when {_left(_HELD, "excluded")} then {_moved_at(_HELD, "excluded")}
     when {_nowhere(_HELD)} and not ({_nowhere("excluded")}) then {_moved_at(_HELD, "excluded")}
     else coalesce({_HELD}.placed_at, excluded.placed_at) end
"""

# Plain tables of this transaction, made afresh for each batch.
_PREPARE: Final = f"""
drop table if exists incoming, incoming_change, incoming_association;
create temporary table incoming on commit drop as
  select device_id, {_LIST}, placed_at, source_line from inventory_device with no data;
create temporary table incoming_change (device_id bigint, at timestamptz, status text, line bigint)
  on commit drop;
create temporary table incoming_association (device_id bigint, associated_id bigint)
  on commit drop;
"""  # noqa: S608  constants only

# `offset 0` keeps the planner from reading every association there is.
_WRITE: Final = f"""
with earlier as (
  select i.device_id from incoming i join inventory_device d using (device_id)
   where {_earlier("d", "i")}
), departed as (
  insert into inventory_placement (device_id, mpxn, uprn, from_at, to_at)
  select d.device_id, point.mpxn, coalesce(d.uprn, ''), d.placed_at, moved.at
    from incoming i join inventory_device d using (device_id)
   cross join lateral (select {_moved_at("d", "i")} as at) moved
   cross join lateral (
         select distinct coalesce(mpxn, '') as mpxn
           from unnest(array[{", ".join(f"d.{name}" for name in _POINTS)}]) mpxn
          where mpxn is not null or coalesce({", ".join(f"d.{name}" for name in _POINTS)}) is null
         ) point
   where {_left("d", "i")} and not ({_earlier("d", "i")})
     and (d.placed_at < moved.at) is not false
  on conflict do nothing
), written as (
  insert into inventory_device
         (device_id, {_LIST}, placed_at, updated_at, source_run, source_line)
  select device_id, {_LIST}, placed_at, %(at)s, %(run)s, source_line
    from incoming order by device_id
  on conflict (device_id) do update
     set ({_LIST}, placed_at, updated_at, source_run, source_line) =
         row({_GIVEN}, {_PLACED_AT}, excluded.updated_at, excluded.source_run, excluded.source_line)
   where not ({_earlier(_HELD, "excluded")})
     and (({_SAME}) is distinct from ({_GIVEN})
          or {_HELD}.placed_at is null and excluded.placed_at is not null)
  returning device_id
), remembered as (
  insert into inventory_devicestatuschange (device_id, at, status, run, line, recorded_at)
  select device_id, at, status, %(run)s, line, %(at)s from incoming_change order by 1, 2
  on conflict do nothing returning device_id
), parted as (
  delete from inventory_deviceassociation where ctid = any(array(
    select known.ctid from incoming i cross join lateral (
             select a.ctid, a.associated_id from inventory_deviceassociation a
              where a.device_id = i.device_id offset 0) known
     where not exists (select from earlier e where e.device_id = i.device_id)
       and not exists (select from incoming_association n
                        where n.device_id = i.device_id and n.associated_id = known.associated_id)))
  returning device_id, associated_id
), former as (
  insert into inventory_formerassociation (device_id, associated_id, until_at, run, line)
  select p.device_id, p.associated_id, %(at)s, %(run)s, i.source_line
    from parted p join incoming i using (device_id)
  on conflict do nothing
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

# Meters that were in the network so far: one that comes in as it left long ago is no news.
_OUT: Final = f"""
select i.device_id, i.device_type, coalesce(d.import_mpxn, i.import_mpxn), d.status, i.status,
       i.status_at
  from incoming i cross join lateral (
       select known.* from inventory_device known
        where known.device_id = i.device_id offset 0) d
 where i.status = any(%(out)s) and i.device_type = any(%(meters)s) and i.status_at is not null
   and d.status <> '' and d.status <> all(%(out)s) and not ({_earlier("d", "i")})
"""  # noqa: S608  constants only
_WHICH: Final = {
    "out": [one.value for one in DeviceStatus if one.is_final],
    "meters": [one.value for one in DeviceType if one.is_smart_meter],
}


def write(records: Iterable[tuple[int, DeviceRecord]], run_id: int, at: datetime) -> set[int]:
    """Write records with their lines, one a Device; return those about which something was new.

    Network companies are told of meters that left the network by them (INV-5). Call inside the
    transaction of the batch.
    """
    given = list(records)
    take_turns()
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        _copy(
            cursor,
            f"incoming (device_id, {_LIST}, placed_at, source_line)",
            ((one.device_id, *one.values, one.placed_at, line) for line, one in given),
        )
        _copy(
            cursor,
            "incoming_change",
            ((one.device_id, *change, line) for line, one in given for change in one.history),
        )
        _copy(
            cursor,
            "incoming_association",
            ((one.device_id, other) for _line, one in given for other in one.associated),
        )
        cursor.execute(_OUT, _WHICH)
        out = [_change(*row) for row in cursor.fetchall()]
        cursor.execute(_WRITE, {"at": at, "run": run_id or None})
        written = {device_id for (device_id,) in cursor.fetchall()}
    note_for_network_parties(out, at=at)
    return written


def _change(
    device_id: int, kind: str, mpxn: str | None, before: str, after: str, at: datetime
) -> DeviceStatusChanged:
    return DeviceStatusChanged(
        eui_from_int(device_id),
        DeviceType(kind),
        mpxn,
        DeviceStatus(before),
        DeviceStatus(after),
        at,
    )


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"copy {table} from stdin") as copy:
        for row in rows:
            copy.write_row(row)

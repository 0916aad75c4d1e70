"""Devices with everything they hang together with: one statement, whatever the identifier."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, Final

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import visible_to
from meterdesk.inventory.queries.devices import search_devices
from meterdesk.inventory.queries.records import (
    AssociatedDevice,
    DeviceDetails,
    DeviceRow,
    steps_of,
)
from meterdesk.inventory.rules import (
    DEVICE_TYPE_ORDER,
    Branch,
    DeviceStatus,
    DeviceType,
    InventorySearch,
    hang_together,
)
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.kernel.paging import PageRequest

MOST_DEVICES: Final = 200
"""A home has a dozen Devices; bad data that ties thousands together is cut off here."""

_STORED: Final = tuple(
    name.name
    for name in fields(DeviceDetails)
    if name.name not in {"device_id", "associated", "history", "closure"}
)

_BY_DEVICE: Final = "select %(device_id)s::bigint"
_BY_PREMISES: Final = """
    select device_id from inventory_device where import_mpxn = any(%(mpxns)s)
    union
    select device_id from inventory_device where secondary_import_mpan = any(%(mpxns)s)
    union
    select device_id from inventory_device where export_mpan = any(%(mpxns)s)
    union
    select device_id from inventory_device where uprn = %(uprn)s
"""

# The inner `union` forgets repeats, so that cycles end; `limit` bounds the walk itself.
_CLOSURE: Final = """
with recursive reached(device_id) as (
    ({start})
    union
    select near.device_id from reached cross join lateral (
        select associated_id as device_id from inventory_deviceassociation
         where device_id = reached.device_id
        union all
        select device_id from inventory_deviceassociation
         where associated_id = reached.device_id) near
), closure as (select device_id from reached limit %(most)s)
select closure.device_id,
       array(select associated_id from inventory_deviceassociation a
              where a.device_id = closure.device_id
             union
             select a.device_id from inventory_deviceassociation a
              where a.associated_id = closure.device_id),
       past.at, past.status, {columns}
  from closure
  left join lateral (
    select * from inventory_device where device_id = closure.device_id limit 1) d on true
  cross join lateral (
    select array_agg(h.at order by h.at, h.status) as at,
           array_agg(h.status order by h.at, h.status) as status
      from inventory_devicestatuschange h where h.device_id = closure.device_id) past
"""

_STATEMENTS: Final = {
    start: _CLOSURE.format(start=start, columns=", ".join(f"d.{name}" for name in _STORED))
    for start in (_BY_DEVICE, _BY_PREMISES)
}


def device(actor: Actor, device_id: str) -> DeviceDetails | None:
    """A Device with its closure and status history, or None when there is none (SSI-FR-5).

    Args:
        actor: sees nothing without the inventory component.
        device_id: canonical EUI-64.
    """
    if not visible_to(actor):
        return None
    found = _read(_BY_DEVICE, device_id=eui_to_int(device_id))
    known = {one.device_id: one for one in found if isinstance(one, DeviceDetails)}
    asked = known.get(device_id)
    if asked is None:
        return None
    return replace(asked, closure=tuple(_as_associated(one) for one in found))


def devices_of_premises(
    actor: Actor, mpxns: Iterable[str], uprn: str | None = None
) -> list[DeviceDetails]:
    """Every Device at these meter points or this UPRN, with those they hang together with.

    Ordered by type, electricity meter first; each with its status history and direct associations.
    """
    if not visible_to(actor):
        return []
    found = _read(_BY_PREMISES, mpxns=list(mpxns), uprn=uprn)
    devices = [one for one in found if isinstance(one, DeviceDetails)]
    return sorted(devices, key=_in_order)


def closure(device_id: str) -> list[AssociatedDevice]:
    """A Device and those it hangs together with, itself first; for the platform's own use."""
    found = _read(_BY_DEVICE, device_id=eui_to_int(device_id))
    return [_as_associated(one) for one in found]


def records_with(device_id: str) -> list[DeviceDetails]:
    """A Device and those it hangs together with, as far as they are in the inventory, in full.

    For the platform's own use; empty when the Device is not in the inventory.
    """
    found = _read(_BY_DEVICE, device_id=eui_to_int(device_id))
    known = sorted((one for one in found if isinstance(one, DeviceDetails)), key=_in_order)
    return known if any(one.device_id == device_id for one in known) else []


def device_for(actor: Actor, search: InventorySearch) -> str | None:
    """The Device whose details answer a search: the meter first (SSI-FR-4).

    None when nothing fits, or when what fits does not all hang together.
    """
    page = search_devices(actor, search, PageRequest(limit=MOST_DEVICES))
    rows = sorted(page.items, key=_in_order)
    if not rows or page.next:
        return None
    first = rows[0].device_id
    if len(rows) > 1 and not {row.device_id for row in rows} <= {
        one.device_id for one in closure(first)
    }:
        return None
    return first


def hub_of(device_id: str) -> str | None:
    """The Communications Hub a Device hangs on, or None: one in use before one that left."""
    hubs = [one for one in closure(device_id) if one.device_type is DeviceType.CHF]
    hubs.sort(key=lambda one: (one.status is not DeviceStatus.COMMISSIONED, one.device_id))
    return hubs[0].device_id if hubs else None


def tree_of(devices: Iterable[DeviceDetails | AssociatedDevice]) -> list[Branch]:
    """Lay Devices out as they hang together: each hub with its Devices, then loose ones."""
    ordered = sorted(devices, key=_in_order)
    ids = [one.device_id for one in ordered]
    near = {one.device_id: [a for a in one.associated if a in set(ids)] for one in ordered}
    laid_out: list[Branch] = []
    shown: set[str] = set()
    for one in sorted(ordered, key=lambda each: each.device_type is not DeviceType.CHF):
        if one.device_id not in shown:
            branches = hang_together(one.device_id, near, ids)
            laid_out.extend(branches)
            shown.update(branch.device_id for branch in branches)
    return laid_out


def _in_order(one: DeviceDetails | AssociatedDevice | DeviceRow) -> tuple[bool, int, str]:
    gone = one.status is not None and one.status.is_final
    kind = one.device_type
    rank = len(DEVICE_TYPE_ORDER) if kind is None else DEVICE_TYPE_ORDER.index(kind)
    return gone, rank, one.device_id


def _read(start: str, **given: Any) -> list[DeviceDetails | AssociatedDevice]:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[start], {**given, "most": MOST_DEVICES})
        return [_record(*row) for row in cursor.fetchall()]


def _record(
    number: int, associated: list[int], at: Any, statuses: Any, *stored: Any
) -> DeviceDetails | AssociatedDevice:
    device_id, near = eui_from_int(number), tuple(map(eui_from_int, associated))
    values = dict(zip(_STORED, stored, strict=True))
    if values["device_type"] is None:
        return AssociatedDevice(device_id, None, None, None, "Not in the inventory", near)
    values["device_type"] = DeviceType(values["device_type"])
    values["status"] = DeviceStatus(values["status"]) if values["status"] else None
    history = steps_of(list(zip(at or (), map(DeviceStatus, statuses or ()), strict=True)))
    return DeviceDetails(device_id=device_id, associated=near, history=history, **values)


def _as_associated(one: DeviceDetails | AssociatedDevice) -> AssociatedDevice:
    if isinstance(one, AssociatedDevice):
        return one
    return AssociatedDevice(
        one.device_id, one.device_type, one.status, one.status_at, one.description, one.associated
    )

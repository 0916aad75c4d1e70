"""What is known around the Devices that requests are about, read in a few statements."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

from meterdesk.inventory.rules import (
    IN_USE,
    DeviceStatus,
    DeviceType,
    KnownDevice,
    StatusRequest,
    World,
)

FARTHEST: Final = 3
"""Steps from a Device to its hub, and to its meter, at the most."""

_DEVICES: Final = """
select device_id, device_type, status, status_at, import_mpxn
  from inventory_device where device_id = any(%s)
"""
_NEAR: Final = """
select device_id, associated_id from inventory_deviceassociation where device_id = any(%(ids)s)
union all
select associated_id, device_id from inventory_deviceassociation
 where associated_id = any(%(ids)s)
"""
_HOLDERS: Final = """
select import_mpxn, device_type, device_id from inventory_device
 where import_mpxn = any(%s) and device_type in ('ESME', 'GSME') and status = any(%s)
"""
_REMEMBERED: Final = """
select device_id, at, status from inventory_devicestatuschange
  join unnest(%s::bigint[], %s::timestamptz[], %s::text[]) asked(device_id, at, status)
 using (device_id, at, status)
"""


def world_around(requests: Sequence[StatusRequest]) -> World:
    """What judging these requests needs; call after taking turns."""
    world = World()
    asked = {one.device_id for one in requests}
    with connection.cursor() as cursor:
        _add_devices(cursor, world, asked)
        commissioning = {
            one.device_id for one in requests if one.after is DeviceStatus.COMMISSIONED
        }
        _add_surroundings(cursor, world, commissioning & world.devices.keys())
        _add_holders(cursor, world, commissioning)
        cursor.execute(
            _REMEMBERED,
            [
                [one.device_id for one in requests],
                [one.at for one in requests],
                [one.after.value for one in requests],
            ],
        )
        world.remembered = {
            (device_id, at, DeviceStatus(status)) for device_id, at, status in cursor.fetchall()
        }
    return world


def _add_devices(cursor: Any, world: World, ids: Iterable[int]) -> None:
    cursor.execute(_DEVICES, [list(ids)])
    for device_id, kind, status, *rest in cursor.fetchall():
        world.devices[device_id] = KnownDevice(
            device_id, DeviceType(kind), DeviceStatus(status) if status else None, *rest
        )


def _add_surroundings(cursor: Any, world: World, starts: set[int]) -> None:
    """The Devices within reach of these, level by level: two statements each."""
    seen, level = set(starts), starts
    for _ in range(FARTHEST):
        cursor.execute(_NEAR, {"ids": list(level)})
        reached: set[int] = set()
        for device_id, other in cursor.fetchall():
            world.near.setdefault(device_id, set()).add(other)
            world.near.setdefault(other, set()).add(device_id)
            reached.add(other)
        level = reached - seen
        seen |= level
        if not level:
            break
    _add_devices(cursor, world, seen - world.devices.keys())


def _add_holders(cursor: Any, world: World, ids: Iterable[int]) -> None:
    points = [
        known.mpxn
        for one in ids
        if (known := world.devices.get(one)) and known.mpxn and known.device_type.is_smart_meter
    ]
    cursor.execute(_HOLDERS, [points, [status.value for status in IN_USE]])
    for mpxn, kind, device_id in cursor.fetchall():
        world.holders.setdefault((mpxn, DeviceType(kind)), set()).add(device_id)

"""A hub takes the place of another: the stored Device log is restored on it (INV-5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.inventory.actions.changing import Origin, change_statuses
from meterdesk.inventory.actions.turns import take_turns
from meterdesk.inventory.events import HubReplaced
from meterdesk.inventory.models import Device
from meterdesk.inventory.rules import DeviceStatus, DeviceType, StatusRequest
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.platform.events import emit

_NEAR: Final = """
select associated_id from inventory_deviceassociation where device_id = %(id)s
union select device_id from inventory_deviceassociation where associated_id = %(id)s
"""
_LEAVE: Final = """
insert into inventory_placement (device_id, mpxn, uprn, from_at, to_at)
select device_id, coalesce(import_mpxn, ''), coalesce(uprn, ''), placed_at, %(at)s
  from inventory_device
 where device_id = any(%(ids)s) and (import_mpxn is not null or uprn is not null)
   and (placed_at < %(at)s) is not false
on conflict do nothing
"""
_TAKE_PLACE: Final = """
update inventory_device new
   set uprn = old.uprn, postcode = old.postcode, property = old.property,
       import_mpxn = case when new.device_type = 'GPF' then old.import_mpxn end,
       placed_at = %(at)s, updated_at = %(now)s
  from inventory_device old where new.device_id = %(new)s and old.device_id = %(old)s
"""
_VACATE: Final = """
update inventory_device
   set uprn = null, postcode = null, property = '', import_mpxn = null,
       placed_at = %(at)s, updated_at = %(now)s
 where device_id = any(%(ids)s)
"""
_MOVE: Final = """
with gone as (
  delete from inventory_deviceassociation
   where device_id = %(old)s and associated_id = any(%(moved)s)
      or associated_id = %(old)s and device_id = any(%(moved)s)
  returning device_id, associated_id
), former as (
  insert into inventory_formerassociation (device_id, associated_id, until_at, run, line)
  select device_id, associated_id, %(at)s, %(run)s, %(line)s from gone on conflict do nothing
)
insert into inventory_deviceassociation (device_id, associated_id)
select distinct case when device_id = %(old)s then associated_id else device_id end, %(new)s
  from gone on conflict do nothing
"""


def replace_hub(
    old_hub: str, new_hub: str, reason: str, origin: Origin, *, at: datetime, now: datetime
) -> tuple[str, ...]:
    """Restore the stored Device log of a hub on its successor; returns the Devices that moved.

    None are returned when nothing hangs on the old hub: it was done before.

    The Devices hang on the new hub and its gas proxy from then on, which stand where the old ones
    stood; the old hub, if it was in use, and its gas proxy are decommissioned.

    Args:
        old_hub: the hub replaced.
        new_hub: a commissioned hub that no Devices but its own gas proxy hang on.
        reason: kept with the statuses.
        origin: kept with the statuses.
        at: when the log was restored (aware instant).
        now: the present instant.

    Raises:
        Refused: not_in_inventory, not_a_hub, same_hub, hub_not_commissioned, hub_has_devices.
    """
    take_turns()
    old, new = _hub(old_hub), _hub(new_hub)
    if old.device_id == new.device_id:
        raise Refused("A hub cannot replace itself.", code="same_hub")
    if new.status != DeviceStatus.COMMISSIONED:
        raise Refused(
            f"The new hub {new_hub} is not commissioned. It must connect to the SM WAN first.",
            code="hub_not_commissioned",
        )
    old_near, new_near = _near(old_hub), _near(new_hub)
    old_proxy, new_proxy = _proxy(old_near), _proxy(new_near)
    moved = {one for one, kind in old_near.items() if kind != DeviceType.GPF}
    if not moved:
        return ()
    if set(new_near) - {new_proxy}:
        raise Refused(f"Devices hang on the new hub {new_hub} already.", code="hub_has_devices")
    told = {
        "at": at, "now": now,
        "run": origin.run_id, "line": origin.lines[0] if origin.lines else None,
    }  # fmt: skip
    _move(old_hub, new_hub, moved, told)
    if old_proxy and new_proxy:
        on_proxy = set(_near(old_proxy)) - {old_hub}
        _move(old_proxy, new_proxy, on_proxy, told)
        moved |= on_proxy
    left = [one for one in (old_hub, old_proxy) if one]
    requests = [
        StatusRequest(eui_to_int(one), DeviceStatus.DECOMMISSIONED, at, reason) for one in left
    ]
    lines = [origin.lines[0] for _ in requests] if origin.lines else []
    change_statuses(requests, Origin(origin.run_id, lines, origin.person_id), at=now)
    everything = tuple(sorted(moved))
    emit(HubReplaced(old_hub, new_hub, everything, at))
    return everything


def _hub(device_id: str) -> Device:
    found = Device.objects.filter(pk=device_id).first()
    if found is None:
        raise Refused(f"The hub {device_id} is not in the inventory.", code="not_in_inventory")
    if found.device_type != DeviceType.CHF:
        raise Refused(f"{device_id} is not a Communications Hub.", code="not_a_hub")
    return found


def _near(device_id: str) -> dict[str, str]:
    """Devices associated with one, either way round, with their types; empty: not known."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"id": eui_to_int(device_id)})
        ids = [eui_from_int(number) for (number,) in cursor.fetchall()]
    types = dict(Device.objects.filter(pk__in=ids).values_list("pk", "device_type"))
    return {one: types.get(one, "") for one in ids}


def _proxy(near: dict[str, str]) -> str | None:
    return next((one for one, kind in near.items() if kind == DeviceType.GPF), None)


def _move(old: str, new: str, moved: set[str], told: Mapping[str, Any]) -> None:
    """Hang Devices on the new hub or proxy in the old one's place, as `told`: when, by what."""
    ids = {"old": eui_to_int(old), "new": eui_to_int(new)}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {**ids, **told, "moved": [eui_to_int(one) for one in moved]})
        cursor.execute(_LEAVE, {**told, "ids": list(ids.values())})
        cursor.execute(_TAKE_PLACE, {**ids, **told})
        cursor.execute(_VACATE, {**told, "ids": [ids["old"]]})

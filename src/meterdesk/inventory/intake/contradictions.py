"""What the records of a batch may not say together, nor against what is held.

Two meters in use on a meter point, and a Device in two homes. A record that tells of a time that
has passed says nothing of the present, and contradicts nothing.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from meterdesk.inventory.intake.parsing import DeviceRecord
from meterdesk.inventory.rules import IN_USE, DeviceType
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake import Refusal

Numbered = tuple[int, DeviceRecord]

_HOLDERS: Final = """
select import_mpxn, device_type, device_id from inventory_device
 where import_mpxn = any(%s) and device_type in ('ESME', 'GSME')
   and status = any(%s) and not device_id = any(%s)
"""
_KNOWN: Final = """
select device_id, status_at from inventory_device where device_id = any(%s)
"""
_HUBS: Final = """
select device_id from inventory_device
 where device_id = any(%s) and device_type = 'CHF' and status = 'Commissioned'
"""


def contradictions(records: Sequence[Numbered]) -> list[Refusal]:
    """The records, one a Device, that may not be taken in beside what is held."""
    return [*_on_taken_points(records), *_on_two_hubs(records)]


def _on_taken_points(records: Sequence[Numbered]) -> list[Refusal]:
    meters = [one for one in records if one[1].mpxn and _holds(one[1])]
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLDERS,
            [
                [one.mpxn for _line, one in meters],
                [status.value for status in IN_USE],
                [one.device_id for _line, one in records],
            ],
        )
        holders = {(mpxn, kind): device_id for mpxn, kind, device_id in cursor.fetchall()}
        refused = []
        for line, one in meters:
            holder = holders.setdefault((one.mpxn, one.device_type), one.device_id)
            if holder != one.device_id:
                refused.append((line, one, holder))
        if refused:
            cursor.execute(_KNOWN, [[one.device_id for _line, one, _holder in refused]])
        known = dict(cursor.fetchall()) if refused else {}
    return [
        Refusal(
            line,
            "meter_point_taken",
            f"The meter point {one.mpxn} has a commissioned meter already, {eui_from_int(holder)}.",
            eui_from_int(one.device_id),
        )
        for line, one, holder in refused
        if not ((held := known.get(one.device_id)) and one.status_at and one.status_at < held)
    ]


def _holds(one: DeviceRecord) -> bool:
    return one.device_type in {DeviceType.ESME, DeviceType.GSME} and one.status in IN_USE


def _on_two_hubs(records: Sequence[Numbered]) -> list[Refusal]:
    """Records that name two hubs in use: the Device would be in two homes."""
    several = [one for one in records if len(one[1].associated) > 1]
    if not several:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HUBS, [[other for _line, one in several for other in one.associated]])
        hubs = {device_id for (device_id,) in cursor.fetchall()}
    stated = {
        one.device_id: one.status == "Commissioned"
        for _line, one in records
        if one.device_type == DeviceType.CHF
    }
    hubs = {one for one in hubs if stated.get(one, True)} | {one for one in stated if stated[one]}
    return [
        Refusal(
            line,
            "in_two_homes",
            f"It names two commissioned hubs, {eui_from_int(both[0])} and"
            f" {eui_from_int(both[1])}. A Device belongs to one.",
            eui_from_int(one.device_id),
        )
        for line, one in several
        if len(both := sorted(one.associated & hubs)) > 1
    ]

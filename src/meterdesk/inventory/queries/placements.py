"""Where Devices stood, by date: for those who ask what was there, or who was responsible."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.kernel.identifiers import eui_from_int, eui_to_int


@dataclass(frozen=True, slots=True)
class Placement:
    """A Device at a meter point, at a UPRN or at both, from an instant to just before another.

    `from_at` None: as long before as is known; `to_at` None: it still stands there.
    """

    device_id: str
    mpxn: str | None
    uprn: str | None
    from_at: datetime | None
    to_at: datetime | None


_POINTS: Final = "array[d.import_mpxn, d.secondary_import_mpan, d.export_mpan]"
_NOW: Final = f"""
select d.device_id, point.mpxn, coalesce(d.uprn, ''), d.placed_at, null::timestamptz
  from inventory_device d
 cross join lateral (
       select distinct coalesce(mpxn, '') as mpxn from unnest({_POINTS}) mpxn
        where mpxn is not null or (cardinality(array_remove({_POINTS}, null)) = 0
                                   and d.uprn is not null)) point
 where {{where}}
"""  # noqa: S608  constants only
_BEFORE: Final = "select device_id, mpxn, uprn, from_at, to_at from inventory_placement"

_OF_DEVICE: Final = """
select array[import_mpxn, secondary_import_mpan, export_mpan], uprn, placed_at, null::timestamptz
  from inventory_device where device_id = %(device_id)s
union all
select array[mpxn], uprn, from_at, to_at from inventory_placement where device_id = %(device_id)s
 order by 4 desc nulls first, 1
"""
_OVERLAPS: Final = "(from_at < %(to_at)s) is not false and to_at > %(from_at)s"
_STARTED: Final = "(d.placed_at < %(to_at)s) is not false"
_AT_POINT: Final = (
    "select * from ("  # noqa: S608  constants only
    + _NOW.format(
        where="(d.import_mpxn = %(mpxn)s or d.secondary_import_mpan = %(mpxn)s"
        f" or d.export_mpan = %(mpxn)s) and {_STARTED}"
    )
    + f" union all {_BEFORE} where mpxn = %(mpxn)s and mpxn <> '' and {_OVERLAPS}"
    + ") found where mpxn = %(mpxn)s order by 1, 4 nulls first"
)
_AT_UPRN: Final = (
    _NOW.format(where=f"d.uprn = %(uprn)s and {_STARTED}")
    + f" union all {_BEFORE} where uprn = %(uprn)s and uprn <> '' and {_OVERLAPS}"
    + " order by 1, 4 nulls first, 2"
)


def placements_of(device_id: str) -> tuple[Placement, ...]:
    """Where a Device stands and stood, newest first, one for each of its meter points.

    For the platform's own use, as everything here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEVICE, {"device_id": eui_to_int(device_id)})
        return tuple(
            Placement(device_id, mpxn, uprn or None, from_at, to_at)
            for mpxns, uprn, from_at, to_at in cursor.fetchall()
            for mpxn in sorted({one for one in mpxns if one}) or ([None] if uprn else [])
        )


def devices_at(
    *, from_at: datetime, to_at: datetime, mpxn: str | None = None, uprn: str | None = None
) -> tuple[Placement, ...]:
    """Devices that stood at a meter point or a UPRN at some time of a period, with since when.

    Args:
        from_at: the period's first instant.
        to_at: the instant after its last.
        mpxn: an MPAN or MPRN; decides when both are given.
        uprn: a UPRN.
    """
    if mpxn:
        return _read(_AT_POINT, mpxn=mpxn, from_at=from_at, to_at=to_at)
    return _read(_AT_UPRN, uprn=uprn, from_at=from_at, to_at=to_at) if uprn else ()


def _read(statement: str, **given: Any) -> tuple[Placement, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return tuple(
            Placement(eui_from_int(number), mpxn or None, uprn or None, from_at, to_at)
            for number, mpxn, uprn, from_at, to_at in cursor.fetchall()
        )

"""The portfolio: Devices as a list, one's own by default, in the order of their Device IDs."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import psycopg
from django.db import connection, transaction

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import COMPONENT, visible_to
from meterdesk.inventory.models import SavedFilter
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.portfolio import PortfolioSearch, Whose
from meterdesk.kernel.formats import csv_lines
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.registration.queries import points_of, registered_there, registration_values

FEW_POINTS: Final = 3_000
"""Up to so many meter points are looked up one by one; with more, Devices are read in order."""
EXPORT_TIMEOUT: Final = "30min"


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A Device of the portfolio. `mpxn` only where its type has one, no status for Type 2."""

    device_id: str
    device_type: DeviceType
    mpxn: str | None
    status: DeviceStatus | None
    status_at: datetime | None
    manufacturer: str
    model: str
    firmware: str
    region: str
    installed_date: date | None
    property: str
    postcode: str | None
    uprn: str | None


@dataclass(frozen=True, slots=True)
class SavedFilterEntry:
    """Filters kept by name; `query` is the address behind the question mark."""

    id: int
    name: str
    query: str


_FIELDS: Final = (
    "device_type, import_mpxn, status, status_at, manufacturer, model, firmware_version,"
    " csp_region, installed_date, property, postcode, uprn"
)
_CONDITIONS: Final = {
    "device_type": "d.device_type = %(device_type)s",
    "status": "d.status = %(status)s",
    "manufacturer": "d.manufacturer = %(manufacturer)s",
    "model": "d.model = %(model)s",
    "firmware": "d.firmware_version = %(firmware)s",
    "region": "d.csp_region = %(region)s",
    "postcode": "d.postcode >= %(postcode_from)s and d.postcode < %(postcode_to)s",
    "installed_from": "d.installed_date >= %(installed_from)s",
    "installed_to": "d.installed_date <= %(installed_to)s",
}


def portfolio(
    actor: Actor, search: PortfolioSearch, page: PageRequest, *, at: datetime
) -> Page[PortfolioRow]:
    """A page of the portfolio (SSI-FR-3). Raises Refused (bad_cursor) for another list's cursor."""
    if not visible_to(actor):
        return Page(())
    scope = f"portfolio {sorted(search.given().items())}"
    where, values = _filters(search)
    if search.whose is Whose.MINE:
        mine, mine_values = _mine(actor, at)
        where.append(mine)
        values |= mine_values
    if page.cursor:
        (last,) = decode_cursor(scope, page.cursor, (int,))
        where.append("d.device_id > %(last)s")
        values["last"] = last
    values["limit"] = page.limit + 1
    conditions = " and ".join(where) or "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select device_id, {_FIELDS} from inventory_device d where {conditions}"  # noqa: S608  constants only
            " order by device_id limit %(limit)s",
            values,
        )
        rows = [_row(*row) for row in cursor.fetchall()]
    return page_of(scope, rows, page, lambda row: (eui_to_int(row.device_id),))


def _filters(search: PortfolioSearch) -> tuple[list[str], dict[str, Any]]:
    given = {name: value for name, value in search.given().items() if name in _CONDITIONS}
    values: dict[str, Any] = dict(given)
    if between := search.postcodes:
        values |= {"postcode_from": between[0], "postcode_to": between[1]}
    return [_CONDITIONS[name] for name in given], values


def _mine(actor: Actor, at: datetime) -> tuple[str, dict[str, Any]]:
    """Devices at premises where one of the actor's UserIds is registered now, in any role."""
    user_ids = actor.user_ids_for(COMPONENT)
    points = points_of(user_ids, at, FEW_POINTS) if user_ids else []
    if points is not None:
        return (
            "d.device_id = any(array(select device_id from inventory_device"
            " where import_mpxn = any(%(points)s) union all select device_id from inventory_device"
            " where uprn = any(%(uprns)s) and import_mpxn is null))",
            {
                "points": [mpxn for mpxn, _uprn in points],
                "uprns": [uprn for _mpxn, uprn in points if uprn],
            },
        )
    there = registered_there("d.import_mpxn", "d.uprn", row_by_row=True)
    return there, registration_values(user_ids, at)


def _row(device_id: int, kind: str, mpxn: str | None, status: str, *rest: Any) -> PortfolioRow:
    return PortfolioRow(
        eui_from_int(device_id),
        DeviceType(kind),
        mpxn,
        DeviceStatus(status) if status else None,
        *rest,
    )


HEADS: Final = (
    "Device ID",
    "Device Type",
    "MPxN",
    "SMI Status",
    "Since",
    "Manufacturer",
    "Device Model",
    "Firmware version",
    "CSP region",
    "Installed on",
    "Property",
    "Postcode",
    "UPRN",
)
_EUI: Final = "regexp_replace(upper(lpad(to_hex(d.device_id), 16, '0')), '(..)(?=.)', '\\1-', 'g')"
_INSTANT: Final = """to_char(d.status_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


def _safe(column: str) -> str:
    """A text that a spreadsheet does not take for a formula, as kernel.formats writes it."""
    return (
        f"case when {column} ~ '^[-=+@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20]'"
        f" then '''' || {column} else {column} end"
    )


_COPIED: Final = ", ".join(
    (
        _EUI,
        "d.device_type",
        "d.import_mpxn",
        "d.status",
        _INSTANT,
        *(_safe(f"d.{name}") for name in ("manufacturer", "model", "firmware_version")),
        "d.csp_region",
        "d.installed_date",
        _safe("d.property"),
        "d.postcode",
        "d.uprn",
    )
)


def portfolio_file(actor: Actor, search: PortfolioSearch, *, at: datetime) -> Iterator[bytes]:
    """Every Device of the portfolio as CSV, copied out of the database as it is read.

    However long it is, only a block of it is in memory. Iterate in one thread and to its end, or
    close it: the database connection is its until then.
    """
    yield "".join(csv_lines(HEADS, (), bom=True)).encode()
    if not visible_to(actor):
        return
    where, values = _filters(search)
    if search.whose is Whose.MINE:
        user_ids = actor.user_ids_for(COMPONENT)
        where.append(registered_there("d.import_mpxn", "d.uprn", row_by_row=False))
        values |= registration_values(user_ids, at)
    statement = f"select {_COPIED} from inventory_device d where {' and '.join(where) or 'true'}"  # noqa: S608  constants only
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = '{EXPORT_TIMEOUT}'")
        raw = connection.connection
        with closing(psycopg.ClientCursor(raw)) as client:
            copied = client.mogrify(statement, values)
        with raw.cursor() as plain, plain.copy(f"copy ({copied}) to stdout (format csv)") as copy:
            yield from _blocks(copy)


def _blocks(copy: Any, size: int = 1 << 16) -> Iterator[bytes]:
    """Rows gathered to blocks."""
    held = bytearray()
    for data in copy:
        held += data
        if len(held) >= size:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def saved_filters(actor: Actor) -> list[SavedFilterEntry]:
    """The actor's own filters, by name."""
    rows = SavedFilter.objects.filter(person_id=actor.person_id).order_by("name")
    return [SavedFilterEntry(one.pk, one.name, one.query) for one in rows]


__all__ = [
    "PortfolioRow",
    "SavedFilterEntry",
    "portfolio",
    "portfolio_file",
    "saved_filters",
]

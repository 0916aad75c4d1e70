"""The portfolio: Devices as a list, one's own by default, in the order of their Device IDs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import COMPONENT, sees_contacts, visible_to
from meterdesk.inventory.queries.copying import copied_file, eui, instant, safe
from meterdesk.inventory.queries.lists import Extent, Listed, Order, few_points
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.portfolio import PortfolioSearch, Whose
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.registration.queries import (
    POINTS,
    has_more_points,
    registered_there,
    registration_values,
)


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
class ContactRow(PortfolioRow):
    """A Device with the day it was last heard of (access.sees_contacts); None: never."""

    last_contact_date: date | None


_FIELDS: Final = (
    "d.device_id, d.device_type, d.import_mpxn, d.status, d.status_at, d.manufacturer, d.model,"
    " d.firmware_version, d.csp_region, d.installed_date, d.property, d.postcode, d.uprn"
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
    # Nothing is ever sent to Type 2 Devices, which have no status.
    "silent_since": "d.status <> '' and not exists (select from inventory_devicecontact h"
    " where h.device_id = d.device_id and h.last_date >= %(silent_since)s)",
}
# Of the rows of a page alone, where a join would look it up for all that are sorted.
_CONTACT: Final = (
    "(select h.last_date from inventory_devicecontact h where h.device_id = d.device_id)"
)
# What is empty sorts before everything.
_BY_DEVICE: Final = Order("d.device_id", int)
_SORTS: Final = {
    "device_type": Order("d.device_type", str),
    "mpxn": Order("coalesce(d.import_mpxn, '')", str),
    "status": Order("d.status", str),
    "status_at": Order("coalesce(d.status_at, '2000-01-01 00:00Z')", datetime),
    "model": Order("d.manufacturer || ' ' || d.model", str),
    "firmware": Order("d.firmware_version", str),
    "region": Order("d.csp_region", str),
    "installed": Order("coalesce(d.installed_date, '2000-01-01')", date),
    "postcode": Order("coalesce(d.postcode, '')", str),
    "contact": Order(f"coalesce({_CONTACT}, '2000-01-01')", date),
}


def portfolio(
    actor: Actor, search: PortfolioSearch, page: PageRequest, *, at: datetime
) -> Page[PortfolioRow]:
    """A page of the portfolio (SSI-FR-3), of ContactRow where the last contact is for the actor.

    Raises Refused: another list's cursor (bad_cursor), an order that only a shorter list can have
    (too_long_to_sort), last contacts that are not the actor's to ask for (not_yours).
    """
    if not visible_to(actor):
        return Page(())
    with_contacts = _with_contacts(actor, search)
    listed = _listed(actor, search, at, row_by_row=True)
    rows, after = listed.page(
        f"portfolio {sorted(search.given().items())}",
        f"{_FIELDS}, {_CONTACT}" if with_contacts else _FIELDS,
        listed.order(search.sort, _SORTS),
        page,
        descending=search.is_descending,
    )
    shape = ContactRow if with_contacts else PortfolioRow
    return Page(tuple(_row(shape, *row) for row in rows), after)


def portfolio_extent(actor: Actor, search: PortfolioSearch, *, at: datetime) -> Extent:
    """How many Devices the portfolio has. Raises Refused as `portfolio` does."""
    if not visible_to(actor):
        return Extent(0, is_capped=False, is_sortable=False)
    return _listed(actor, search, at, row_by_row=True).extent()


def _with_contacts(actor: Actor, search: PortfolioSearch) -> bool:
    """Whether last contacts are in the list. Raises Refused when asked for and not the actor's."""
    sees = sees_contacts(actor, of_all=search.whose is Whose.ALL)
    by_contact = search.sort.removeprefix("-") == "contact"
    if (search.silent_since or by_contact) and not sees:
        message = "Last contacts are shown of Devices at your own meter points. List those."
        name = "silent_since" if search.silent_since else "sort"
        raise Refused(message, code="not_yours", fields={name: message})
    return sees


def _listed(actor: Actor, search: PortfolioSearch, at: datetime, *, row_by_row: bool) -> Listed:
    """Which Devices; `row_by_row` for a page, else for the whole list. Raises as `portfolio`."""
    with_contacts = _with_contacts(actor, search)
    given = {name: value for name, value in search.given().items() if name in _CONDITIONS}
    conditions, values = [_CONDITIONS[name] for name in given], dict[str, Any](given)
    if between := search.postcodes:
        values |= {"postcode_from": between[0], "postcode_to": between[1]}
    tables, is_short = "inventory_device d", False
    if search.whose is Whose.MINE:
        user_ids = actor.user_ids_for(COMPONENT)
        values |= registration_values(user_ids, at)
        is_short = row_by_row and not has_more_points(user_ids, at, few_points())
        if is_short:
            tables = _AT_POINTS
        else:
            conditions.append(registered_there("d.import_mpxn", "d.uprn", row_by_row=row_by_row))
    if with_contacts and not row_by_row:
        tables += " left join inventory_devicecontact c on c.device_id = d.device_id"
    return Listed(tables, tuple(conditions), values, _BY_DEVICE, is_short)


_AT_POINTS: Final = f"""(
  with own as materialized ({POINTS})
  select * from inventory_device where import_mpxn = any(array(select mpxn from own))
  union all
  select * from inventory_device
   where uprn = any(array(select uprn from own where uprn <> '')) and import_mpxn is null) d
"""  # noqa: S608  constants only


def _row(
    shape: type[PortfolioRow],
    device_id: int,
    kind: str,
    mpxn: str | None,
    status: str,
    *rest: Any,
) -> PortfolioRow:
    known = DeviceStatus(status) if status else None
    return shape(eui_from_int(device_id), DeviceType(kind), mpxn, known, *rest)


_COPIED: Final = {
    "Device ID": eui("d.device_id"),
    "Device Type": "d.device_type",
    "MPxN": "d.import_mpxn",
    "SMI Status": "d.status",
    "Since": instant("d.status_at"),
    "Manufacturer": safe("d.manufacturer"),
    "Device Model": safe("d.model"),
    "Firmware version": safe("d.firmware_version"),
    "CSP region": "d.csp_region",
    "Installed on": "d.installed_date",
    "Property": safe("d.property"),
    "Postcode": "d.postcode",
    "UPRN": "d.uprn",
}
_LAST_CONTACT: Final = {"Last contact": "c.last_date"}


def portfolio_file(actor: Actor, search: PortfolioSearch, *, at: datetime) -> Iterator[bytes]:
    """Every Device of the portfolio as CSV, copied out of the database as it is read.

    However long it is, only a block of it is in memory. Iterate in one thread and to its end, or
    close it: the database connection is its until then. Raises Refused as `portfolio` does.
    """
    columns = _COPIED | (_LAST_CONTACT if _with_contacts(actor, search) else {})
    listed = _listed(actor, search, at, row_by_row=False)
    return copied_file(columns, listed.rows if visible_to(actor) else "", listed.values)

"""The portfolio's meter points: those where one of the actor's UserIds is registered (REG-2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import COMPONENT, visible_to
from meterdesk.inventory.queries.copying import copied_file, eui, instant, safe
from meterdesk.inventory.queries.lists import Extent, Listed, Order, few_points
from meterdesk.inventory.rules import DeviceStatus
from meterdesk.inventory.rules.points import SUPPLIERS, Agreed, Metered, OwnRole, PointSearch
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.registration.queries import (
    DISPUTED,
    OWN_POINTS,
    POINTS,
    Address,
    has_more_points,
    registration_values,
)
from meterdesk.registration.rules import MeterPointKind
from meterdesk.registration.rules.days import as_day_ends


@dataclass(frozen=True, slots=True)
class PointRow:
    """A meter point of one's own.

    Attributes:
        roles: what one is there.
        since: from when one is registered as it stands.
        change_at: when another supplier takes over or the registration ends; None: not known of.
        meter_id: the meter in use there, with its status; None: there is none.
        is_disputed: the provider's register is reported to say something else, today.
    """

    mpxn: str
    kind: MeterPointKind
    roles: tuple[OwnRole, ...]
    since: datetime
    change_at: datetime | None
    address: Address
    uprn: str
    meter_id: str | None
    meter_status: DeviceStatus | None
    is_disputed: bool

    @property
    def is_supplier(self) -> bool:
        """Whether one supplies it, which says its kind as well."""
        return not SUPPLIERS.isdisjoint(self.roles)


# The meter in use; of several, as in the middle of an exchange, the one that is commissioned.
_METER: Final = """
left join lateral (
  select d.device_id, d.status from inventory_device d
   where (d.import_mpxn = p.mpxn collate "C" or d.secondary_import_mpan = p.mpxn collate "C"
          or d.export_mpan = p.mpxn collate "C")
     and d.device_type in ('ESME', 'GSME') and d.status not in ('Decommissioned', 'Withdrawn')
   order by d.status = 'Commissioned' desc, d.status_at desc nulls last, d.device_id limit 1
  ) meter on true
"""
_SUPPLIES: Final = "r.supplier = any(%(user_ids)s)"
_ROLES: Final = {
    OwnRole.IMPORT_SUPPLIER: f"p.kind = 'IMPORT' and {_SUPPLIES}",
    OwnRole.EXPORT_SUPPLIER: f"p.kind = 'EXPORT' and {_SUPPLIES}",
    OwnRole.GAS_SUPPLIER: f"p.kind = 'GAS' and {_SUPPLIES}",
    OwnRole.NETWORK_PARTY: "r.network_party = any(%(user_ids)s)",
    OwnRole.AGENT: "coalesce(r.agent = any(%(user_ids)s), false)",
}
_METERED: Final = {
    Metered.WITH: "meter.device_id is not null",
    Metered.WITHOUT: "meter.device_id is null",
}
_CONDITIONS: Final = {
    "postcode": 'p.postcode collate "C" >= %(postcode_from)s'
    ' and p.postcode collate "C" < %(postcode_to)s',
    "status": "meter.status = %(status)s",
    "change": "later.change_at is not null",
}
_BY_MPXN: Final = Order("p.mpxn", str)
_SORTS: Final = {
    "postcode": Order("p.postcode", str),
    "since": Order("r.active_from", datetime),
    "change": Order("coalesce(later.change_at, '2100-01-01 00:00Z')", datetime),
    "status": Order("coalesce(meter.status, '')", str),
}
_ROLES_HELD: Final = ", ".join(_ROLES.values())
_FIELDS: Final = (
    f"p.mpxn, p.kind, array[{_ROLES_HELD}], r.active_from, later.change_at, p.property, p.street,"
    " p.town, p.postcode, p.uprn, meter.device_id, meter.status"
)


def meter_points(
    actor: Actor, search: PointSearch, page: PageRequest, *, at: datetime
) -> Page[PointRow]:
    """A page of the meter points where the actor's UserIds are registered, by MPxN.

    Nobody else's registration is in it: of a change of supplier the day alone.

    Raises Refused: another list's cursor (bad_cursor), an order that only a shorter list can have
    (too_long_to_sort).
    """
    if not visible_to(actor):
        return Page(())
    listed = _listed(actor, search, at, row_by_row=True)
    rows, after = listed.page(
        f"meter points {sorted(search.given().items())}",
        f"{_FIELDS}, {_disputed(search)}",
        listed.order(search.sort, _SORTS),
        page,
        descending=search.is_descending,
    )
    return Page(tuple(_row(*row) for row in rows), after)


def meter_points_extent(actor: Actor, search: PointSearch, *, at: datetime) -> Extent:
    """How many meter points there are."""
    if not visible_to(actor):
        return Extent(0, is_capped=False, is_sortable=False)
    return _listed(actor, search, at, row_by_row=True).extent()


def meter_points_file(actor: Actor, search: PointSearch, *, at: datetime) -> Iterator[bytes]:
    """Every meter point of the list as CSV, as `portfolio_file` does it."""
    listed = _listed(actor, search, at, row_by_row=False)
    columns = _COPIED | {"Data in doubt": f"case when {_disputed(search)} then 'Yes' end"}
    return copied_file(columns, listed.rows if visible_to(actor) else "", listed.values)


def _listed(actor: Actor, search: PointSearch, at: datetime, *, row_by_row: bool) -> Listed:
    """Which meter points; `row_by_row` for a page, else for the whole list."""
    then = as_day_ends(search.on, at)
    user_ids = actor.user_ids_for(COMPONENT)
    given = search.given()
    values: dict[str, Any] = {**given, **registration_values(user_ids, then)}
    conditions = [sql for name, sql in _CONDITIONS.items() if name in given]
    if between := search.postcodes:
        values |= {"postcode_from": between[0], "postcode_to": between[1]}
    if search.role:
        conditions.append(_ROLES[search.role])
    if search.metered:
        conditions.append(_METERED[search.metered])
    if search.agreed:
        conditions.append(DISPUTED if search.agreed is Agreed.NO else f"not {DISPUTED}")
    is_short = row_by_row and not has_more_points(user_ids, then, few_points())
    if is_short:
        conditions.append(f"p.mpxn = any(array(select mpxn from ({POINTS}) own))")  # noqa: S608  constants only
    return Listed(f"{OWN_POINTS}{_METER}", tuple(conditions), values, _BY_MPXN, is_short)


def _disputed(search: PointSearch) -> str:
    """Of a day gone by or to come nothing is said: it may be somebody else's meter point now."""
    return "false" if search.on else DISPUTED


def _row(mpxn: str, kind: str, roles: list[bool], *rest: Any) -> PointRow:
    since, change_at, *where, uprn, meter_id, status, is_disputed = rest
    return PointRow(
        mpxn,
        MeterPointKind(kind),
        tuple(role for role, is_held in zip(_ROLES, roles, strict=True) if is_held),
        since,
        change_at,
        Address(*where),
        uprn,
        None if meter_id is None else eui_from_int(meter_id),
        DeviceStatus(status) if status else None,
        is_disputed,
    )


_ROLE_WORDS: Final = "concat_ws(', ', {})".format(
    ", ".join(f"case when {sql} then '{role.label}' end" for role, sql in _ROLES.items())
)
_COPIED: Final = {
    "MPxN": "p.mpxn",
    "Kind": "initcap(p.kind)",
    "Registered as": _ROLE_WORDS,
    "Since": instant("r.active_from"),
    "Change of supplier or end": instant("later.change_at"),
    "Property": safe("p.property"),
    "Street": safe("p.street"),
    "Town": safe("p.town"),
    "Postcode": "p.postcode",
    "UPRN": "p.uprn",
    "Meter": eui("meter.device_id"),
    "SMI Status": "meter.status",
}

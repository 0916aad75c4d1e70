"""Searching the inventory (SSI-FR-2, SSI-FR-3)."""

from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import visible_to
from meterdesk.inventory.queries.records import DeviceRow
from meterdesk.inventory.rules import (
    DEVICE_TYPE_ORDER,
    DeviceStatus,
    DeviceType,
    InventorySearch,
)
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.platform.intake import last_taken_in

# House numbers sort as numbers. The property filter compares whole words.
_NUMBER: Final = "coalesce(substring(property from '[0-9]{1,9}')::int, 0)"
_WORDS: Final = "' ' || regexp_replace(lower(property), '[^[:alnum:]]+', ' ', 'g') || ' '"
_RANK: Final = f"array_position('{{{','.join(DEVICE_TYPE_ORDER)}}}'::text[], device_type::text)"
_ORDER: Final = f"{_NUMBER}, property, {_RANK}, device_id"

_CONDITIONS: Final = {
    "device_id": "device_id = %(device_id)s",
    "mpxn": "(import_mpxn = %(mpxn)s or secondary_import_mpan = %(mpxn)s"
    " or export_mpan = %(mpxn)s)",
    "uprn": "uprn = %(uprn)s",
    "postcode": "postcode = %(postcode)s",
    "property": f"position(%(property)s in {_WORDS}) > 0",
}
_COMMISSIONED: Final = "status in ('Commissioned', '')"
_AFTER: Final = f"({_ORDER}) > (%(number)s, %(after)s, %(rank)s, %(last)s)"

_SELECT: Final = (
    "select device_id, device_type, import_mpxn, status, status_at, property, uprn, postcode, "  # noqa: S608  constants only
    f"{_NUMBER} from inventory_device where "
)
_PAGE: Final = f" order by {_ORDER} limit %(limit)s"


def search_devices(
    actor: Actor, search: InventorySearch, page: PageRequest | None = None
) -> Page[DeviceRow]:
    """Devices that fit every criterion given, by property number, name and type.

    Raises Refused (bad_cursor) for a cursor of another search.
    """
    page = page or PageRequest()
    criteria = search.given()
    if not visible_to(actor) or not criteria:
        return Page(())
    scope = f"devices {sorted(criteria.items())} {search.include_uncommissioned}"
    where = [_CONDITIONS[name] for name in criteria]
    values: dict[str, Any] = {**criteria, "limit": page.limit + 1}
    if "device_id" in criteria:
        values["device_id"] = eui_to_int(criteria["device_id"])
    if "property" in criteria:
        values["property"] = f" {criteria['property']} "
    if not search.include_uncommissioned:
        where.append(_COMMISSIONED)
    if page.cursor:
        where.append(_AFTER)
        after = decode_cursor(scope, page.cursor, (int, str, int, int))
        values |= dict(zip(("number", "after", "rank", "last"), after, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + " and ".join(where) + _PAGE, values)
        found = [(_row(*row[:-1]), row[-1]) for row in cursor.fetchall()]
    shown = page_of(scope, found, page, lambda one: _key(*one))
    return Page(tuple(row for row, _number in shown.items), shown.next)


def _key(row: DeviceRow, number: int) -> tuple[int, str, int, int]:
    rank = DEVICE_TYPE_ORDER.index(row.device_type) + 1
    return number, row.property, rank, eui_to_int(row.device_id)


def _row(device_id: int, kind: str, mpxn: str | None, status: str, *rest: Any) -> DeviceRow:
    device_type = DeviceType(kind)
    return DeviceRow(
        eui_from_int(device_id),
        device_type,
        mpxn if device_type.is_smart_meter else None,
        DeviceStatus(status) if status else None,
        *rest,
    )


def device_ids_for(*, mpxn: str | None = None, uprn: str | None = None) -> list[str]:
    """Ids of the Devices recorded at a meter point or UPRN; for the platform's own use."""
    column, value = ("mpxn", mpxn) if mpxn else ("uprn", uprn)
    if not value:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"select device_id from inventory_device where {_CONDITIONS[column]} order by 1",  # noqa: S608
            {column: value},
        )
        return [eui_from_int(number) for (number,) in cursor.fetchall()]


def freshness() -> datetime | None:
    """When inventory data last came in (aware instant), or None (SSI-NFR-35)."""
    return last_taken_in("inventory")

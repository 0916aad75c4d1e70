"""The products list: is this model with this firmware on it (INV-2)."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django.db.models import Q

from meterdesk.inventory import models
from meterdesk.inventory.queries.records import ProductEntry, ProductsList
from meterdesk.inventory.rules import DeviceType

__all__ = ["listed_firmware", "product", "products", "products_list"]

_STORED = tuple(name.name for name in fields(ProductEntry))


def products_list() -> ProductsList | None:
    """The newest version taken in, or None while there is none."""
    newest = (
        models.ProductEntry.objects.order_by("-issued_date", "-version")
        .values_list("version", "issued_date")
        .first()
    )
    return ProductsList(*newest) if newest else None


def products(wanted: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], ProductEntry]:
    """Entries of the newest version for (manufacturer, model, firmware), absent when not on it.

    Where the list has several, one that is Current counts before one that was removed, and a
    later entry before an earlier one.
    """
    any_of = Q()
    for manufacturer, model, firmware in set(wanted):
        any_of |= Q(manufacturer=manufacturer, model=model, firmware_version=firmware)
    if not any_of:
        return {}
    newest = models.ProductEntry.objects.order_by("-issued_date", "-version").values("version")[:1]
    rows = (
        models.ProductEntry.objects.filter(any_of, version=newest)
        .order_by("-status", "entry_number")
        .values_list(*_STORED)
    )
    entries = [_entry(dict(zip(_STORED, row, strict=True))) for row in rows]
    return {(one.manufacturer, one.model, one.firmware_version): one for one in entries}


def listed_firmware(
    wanted: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], tuple[ProductEntry, ...]]:
    """Every entry of the newest version for each (manufacturer, model), by entry number."""
    any_of = Q()
    for manufacturer, model in set(wanted):
        any_of |= Q(manufacturer=manufacturer, model=model)
    if not any_of:
        return {}
    newest = models.ProductEntry.objects.order_by("-issued_date", "-version").values("version")[:1]
    rows = (
        models.ProductEntry.objects.filter(any_of, version=newest)
        .order_by("entry_number")
        .values_list(*_STORED)
    )
    found: dict[tuple[str, str], tuple[ProductEntry, ...]] = {}
    for row in rows:
        entry = _entry(dict(zip(_STORED, row, strict=True)))
        key = (entry.manufacturer, entry.model)
        found[key] = (*found.get(key, ()), entry)
    return found


def _entry(values: dict[str, Any]) -> ProductEntry:
    return ProductEntry(**{**values, "device_type": DeviceType(values["device_type"])})


def product(manufacturer: str, model: str, firmware: str) -> ProductEntry | None:
    """The entry of the newest version for a model with a firmware version, or None."""
    key = (manufacturer, model, firmware)
    return products([key]).get(key)

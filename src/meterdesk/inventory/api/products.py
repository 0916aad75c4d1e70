"""Products lists by API, for the operator's staff."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from meterdesk.identity.rules import Actor
from meterdesk.inventory.actions import apply_products_list
from meterdesk.inventory.queries import ProductChange, comparison, versions
from meterdesk.inventory.rules import DeviceType

router = Router(tags=["Inventory"])


class ListVersionItem(Schema):
    """A version of the products list."""

    version: str
    issued_date: date
    entries: int
    current: int


class ListVersions(Schema):
    """Every version that was taken in, newest first."""

    items: list[ListVersionItem]


class ProductDifferenceItem(Schema):
    """A model with firmware that differs, and the Devices that it concerns."""

    change: ProductChange
    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    devices: int
    to_suspend: int
    to_restore: int


class ComparisonOut(Schema):
    """One version against another."""

    before: ListVersionItem
    after: ListVersionItem
    to_suspend: int
    to_restore: int
    differences: list[ProductDifferenceItem]


@router.get(
    "/products-lists",
    response=ListVersions,
    operation_id="list_products_lists",
    summary="Versions of the products list",
    description="Those taken in, newest first. For the operator's staff.",
)
def list_products_lists(request: HttpRequest) -> Any:
    """Versions (INV-2)."""
    return {"items": versions(_actor(request))}


@router.get(
    "/products-lists/{version}",
    response=ComparisonOut,
    operation_id="compare_products_lists",
    summary="What a version changes",
    description="Against another version, by default the one before it, with the Devices in the "
    "field that it concerns. For the operator's staff.",
)
def compare_products_lists(request: HttpRequest, version: str, against: str = "") -> Any:
    """Differences (INV-2)."""
    return comparison(_actor(request), version, against)


@router.post(
    "/products-lists/{version}/application",
    response={202: None},
    operation_id="apply_products_list",
    summary="Apply the newest version to Devices",
    description="Suspends Devices whose model left the list and restores those whose model came "
    "back, in the background. For the operator's administrators.",
)
def apply_one(request: HttpRequest, version: str) -> Any:
    """Apply (INV-5)."""
    apply_products_list(_actor(request), version, at=timezone.now())
    return Status(202, None)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor

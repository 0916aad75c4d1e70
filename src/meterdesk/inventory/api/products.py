"""Products lists by API, for the operator's staff."""

from datetime import date
from typing import Any

from django.utils import timezone
from ninja import Router, Schema, Status

from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.actions import apply_products_list
from meterdesk.inventory.queries import ProductChange, comparison, outstanding_by, versions
from meterdesk.inventory.rules import DeviceStatus, DeviceType

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


class ModelConcernedItem(Schema):
    """A model with firmware that left the list or came back, and its Devices still to change.

    `held` is their status now: Commissioned, to be suspended, or Suspended, to be restored.
    """

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    held: DeviceStatus
    devices: int


class OutstandingOut(Schema):
    """What applying the newest version would do now."""

    version: ListVersionItem
    to_suspend: int
    to_restore: int
    models: list[ModelConcernedItem]


@router.get(
    "/products-lists",
    response=ListVersions,
    operation_id="list_products_lists",
    summary="Versions of the products list",
    description="Those taken in, newest first. For the operator's staff.",
)
def list_products_lists(request: ActorRequest) -> Any:
    """Versions (INV-2)."""
    return {"items": versions(request.actor)}


@router.get(
    "/products-lists/{version}",
    response=ComparisonOut,
    operation_id="compare_products_lists",
    summary="What a version changes",
    description="Against another version, by default the one before it, with the Devices in the "
    "field that it concerns. For the operator's staff.",
)
def compare_products_lists(request: ActorRequest, version: str, against: str = "") -> Any:
    """Differences (INV-2)."""
    return comparison(request.actor, version, against)


@router.get(
    "/products-lists/{version}/application",
    response=OutstandingOut,
    operation_id="get_products_list_application",
    summary="What applying the newest version would do",
    description="By model, for Devices as they are now, against every version before it, applied "
    "or not. 404 for a version that is not the newest. For the operator's staff.",
)
def get_application(request: ActorRequest, version: str) -> Any:
    """Devices that would be suspended or restored (INV-5)."""
    return outstanding_by(request.actor, version)


@router.post(
    "/products-lists/{version}/application",
    response={202: None},
    operation_id="apply_products_list",
    summary="Apply the newest version to Devices",
    description="Suspends Devices whose model left the list and restores those whose model came "
    "back, in the background. For the operator's administrators.",
)
def apply_one(request: ActorRequest, version: str) -> Any:
    """Apply (INV-5)."""
    apply_products_list(request.actor, version, at=timezone.now())
    return Status(202, None)

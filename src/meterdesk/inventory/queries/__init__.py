"""Reads of the inventory. Where an actor comes first, what it may not see is not there."""

from meterdesk.inventory.queries.closures import (
    closure,
    device,
    device_for,
    devices_of_premises,
    hub_of,
    records_with,
    tree_of,
)
from meterdesk.inventory.queries.contacts import newer_contacts
from meterdesk.inventory.queries.devices import device_ids_for, freshness, search_devices
from meterdesk.inventory.queries.kept import SavedFilterEntry, saved_filter, saved_filters
from meterdesk.inventory.queries.lineage import Lineage, RequestedStep, ToldStep, lineage
from meterdesk.inventory.queries.listing import (
    ContactRow,
    PortfolioRow,
    portfolio,
    portfolio_extent,
    portfolio_file,
)
from meterdesk.inventory.queries.lists import Extent
from meterdesk.inventory.queries.notices import NoticeRow, notices
from meterdesk.inventory.queries.placements import Placement, devices_at, placements_of
from meterdesk.inventory.queries.points import (
    PointRow,
    meter_points,
    meter_points_extent,
    meter_points_file,
)
from meterdesk.inventory.queries.prenotifying import pre_notifiers
from meterdesk.inventory.queries.products import (
    listed_firmware,
    product,
    products,
    products_list,
)
from meterdesk.inventory.queries.records import (
    AssociatedDevice,
    DeviceDetails,
    DeviceRow,
    ProductEntry,
    ProductsList,
    StatusStep,
)
from meterdesk.inventory.queries.responsible import responsible_for_device, responsible_on
from meterdesk.inventory.queries.versions import (
    Comparison,
    ListVersion,
    ModelConcerned,
    Outstanding,
    ProductChange,
    ProductDifference,
    compare,
    comparison,
    list_versions,
    models_concerned,
    outstanding,
    outstanding_by,
    versions,
)
from meterdesk.inventory.rules import InventorySearch

__all__ = [
    "AssociatedDevice",
    "Comparison",
    "ContactRow",
    "DeviceDetails",
    "DeviceRow",
    "Extent",
    "InventorySearch",
    "Lineage",
    "ListVersion",
    "ModelConcerned",
    "NoticeRow",
    "Outstanding",
    "Placement",
    "PointRow",
    "PortfolioRow",
    "ProductChange",
    "ProductDifference",
    "ProductEntry",
    "ProductsList",
    "RequestedStep",
    "SavedFilterEntry",
    "StatusStep",
    "ToldStep",
    "closure",
    "compare",
    "comparison",
    "device",
    "device_for",
    "device_ids_for",
    "devices_at",
    "devices_of_premises",
    "freshness",
    "hub_of",
    "lineage",
    "list_versions",
    "listed_firmware",
    "meter_points",
    "meter_points_extent",
    "meter_points_file",
    "models_concerned",
    "newer_contacts",
    "notices",
    "outstanding",
    "outstanding_by",
    "placements_of",
    "portfolio",
    "portfolio_extent",
    "portfolio_file",
    "pre_notifiers",
    "product",
    "products",
    "products_list",
    "records_with",
    "responsible_for_device",
    "responsible_on",
    "saved_filter",
    "saved_filters",
    "search_devices",
    "tree_of",
    "versions",
]

"""What the inventory knows about Devices before it looks at one. Plain Python."""

from meterdesk.inventory.rules.changes import (
    IN_USE,
    Accepted,
    KnownDevice,
    StatusRequest,
    World,
    judge,
)
from meterdesk.inventory.rules.lifecycle import (
    STEPS,
    Step,
    System,
    is_usual_step,
    step_between,
    systems_of,
)
from meterdesk.inventory.rules.places import Place
from meterdesk.inventory.rules.search import MAX_PROPERTY, InventorySearch, property_words
from meterdesk.inventory.rules.trees import Branch, hang_together
from meterdesk.inventory.rules.words import (
    CONNECTIVITY,
    CSP_REGIONS,
    DEVICE_TYPE_ORDER,
    DEVICE_TYPE_TITLES,
    ESME_VARIANTS,
    PRODUCT_STATUSES,
    PRODUCT_TYPES,
    TYPE_2,
    DeviceStatus,
    DeviceType,
    applies,
)

__all__ = [
    "CONNECTIVITY",
    "CSP_REGIONS",
    "DEVICE_TYPE_ORDER",
    "DEVICE_TYPE_TITLES",
    "ESME_VARIANTS",
    "IN_USE",
    "MAX_PROPERTY",
    "PRODUCT_STATUSES",
    "PRODUCT_TYPES",
    "STEPS",
    "TYPE_2",
    "Accepted",
    "Branch",
    "DeviceStatus",
    "DeviceType",
    "InventorySearch",
    "KnownDevice",
    "Place",
    "StatusRequest",
    "Step",
    "System",
    "World",
    "applies",
    "hang_together",
    "is_usual_step",
    "judge",
    "property_words",
    "step_between",
    "systems_of",
]

"""The kinds of file the inventory takes in."""

from meterdesk.inventory.intake.devices import INVENTORY
from meterdesk.inventory.intake.prenotifications import PRE_NOTIFICATIONS
from meterdesk.inventory.intake.products import PRODUCTS
from meterdesk.inventory.intake.statuses import STATUS_CHANGES

__all__ = ["INVENTORY", "PRE_NOTIFICATIONS", "PRODUCTS", "STATUS_CHANGES"]

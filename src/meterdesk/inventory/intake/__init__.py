"""The kinds of file the inventory takes in."""

from meterdesk.inventory.intake.devices import INVENTORY
from meterdesk.inventory.intake.products import PRODUCTS
from meterdesk.inventory.intake.statuses import STATUS_CHANGES

__all__ = ["INVENTORY", "PRODUCTS", "STATUS_CHANGES"]

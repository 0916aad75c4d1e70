"""The kinds of file the inventory takes in: products and inventory."""

from meterdesk.inventory.intake.devices import INVENTORY
from meterdesk.inventory.intake.products import PRODUCTS

__all__ = ["INVENTORY", "PRODUCTS"]

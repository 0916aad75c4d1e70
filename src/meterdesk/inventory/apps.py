"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "meterdesk.inventory"

    def ready(self) -> None:
        """Make the kinds of file known."""
        from meterdesk.inventory.intake import (
            INVENTORY,
            PRE_NOTIFICATIONS,
            PRODUCTS,
            STATUS_CHANGES,
        )
        from meterdesk.platform.intake import register

        for kind in (PRODUCTS, INVENTORY, PRE_NOTIFICATIONS, STATUS_CHANGES):
            register(kind)

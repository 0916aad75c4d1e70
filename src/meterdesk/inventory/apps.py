"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "meterdesk.inventory"

    def ready(self) -> None:
        """Make the kinds of file known."""
        from meterdesk.inventory.intake import INVENTORY, PRODUCTS  # noqa: PLC0415
        from meterdesk.platform.intake import register  # noqa: PLC0415

        register(PRODUCTS)
        register(INVENTORY)

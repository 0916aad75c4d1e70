"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "meterdesk.inventory"

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class HubsConfig(AppConfig):
    """The hubs app."""

    name = "meterdesk.hubs"

    def ready(self) -> None:
        """Register the intake of the CSPs' data."""
        from meterdesk.hubs.intake import HUBS
        from meterdesk.platform.intake import register

        register(HUBS)

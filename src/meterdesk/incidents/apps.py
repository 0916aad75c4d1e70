"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incidents app."""

    name = "meterdesk.incidents"

    def ready(self) -> None:
        """Register the check on open incidents with Diagnose."""
        from meterdesk.diagnosis.rules import register
        from meterdesk.incidents.queries import open_here
        from meterdesk.incidents.rules.checking import CHECK

        register(CHECK, open_here)

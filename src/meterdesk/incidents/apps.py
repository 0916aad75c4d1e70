"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incidents app."""

    name = "meterdesk.incidents"

    def ready(self) -> None:
        """Register the check on open incidents with Diagnose; hear of registration data trouble."""
        from meterdesk.diagnosis.rules import register
        from meterdesk.incidents.actions import raise_for_registration
        from meterdesk.incidents.queries import open_here
        from meterdesk.incidents.rules.checking import CHECK
        from meterdesk.platform.events import subscribe
        from meterdesk.registration.events import RegistrationDataTrouble

        register(CHECK, open_here)
        subscribe(RegistrationDataTrouble, raise_for_registration)

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    """The registration app."""

    name = "meterdesk.registration"

    def ready(self) -> None:
        """Make the intakes of registration files known."""
        from meterdesk.platform.intake import register
        from meterdesk.registration.intake import POINTS, PROVIDER_KINDS

        for intake in (POINTS, *PROVIDER_KINDS):
            register(intake)

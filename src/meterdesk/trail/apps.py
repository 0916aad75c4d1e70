"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The trail app."""

    name = "meterdesk.trail"

    def ready(self) -> None:
        """Register the intake."""
        from meterdesk.platform.intake import register
        from meterdesk.trail.intake import TRAIL

        register(TRAIL)

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The trail app."""

    name = "meterdesk.trail"

    def ready(self) -> None:
        """Register the intake."""
        from meterdesk.platform.intake import register  # noqa: PLC0415
        from meterdesk.trail.intake import TRAIL  # noqa: PLC0415

        register(TRAIL)

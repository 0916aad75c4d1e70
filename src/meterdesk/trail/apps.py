"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The trail app."""

    name = "meterdesk.trail"

    def ready(self) -> None:
        """Register the intake, and what a session of the database plans beforehand."""
        from meterdesk.platform.intake import register
        from meterdesk.platform.warming import warm_with
        from meterdesk.trail.intake import TRAIL
        from meterdesk.trail.queries.warming import PLANNED

        register(TRAIL)
        for statement in PLANNED:
            warm_with(statement)

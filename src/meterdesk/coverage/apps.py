"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    """The coverage app."""

    name = "meterdesk.coverage"

    def ready(self) -> None:
        """Register the intake of coverage."""
        from meterdesk.coverage.intake import COVERAGE  # noqa: PLC0415
        from meterdesk.platform.intake import register  # noqa: PLC0415

        register(COVERAGE)

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    """The coverage app."""

    name = "meterdesk.coverage"

    def ready(self) -> None:
        """Register the intake of coverage."""
        from meterdesk.coverage.intake import COVERAGE, WHOLE_COVERAGE
        from meterdesk.platform.intake import register

        register(COVERAGE)
        register(WHOLE_COVERAGE)

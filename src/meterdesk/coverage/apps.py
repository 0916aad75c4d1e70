"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    """The coverage app."""

    name = "meterdesk.coverage"

    def ready(self) -> None:
        """Register the intakes of coverage and of places."""
        from meterdesk.coverage.intake import COVERAGE, PLACES, WHOLE_COVERAGE
        from meterdesk.platform.intake import register

        register(COVERAGE)
        register(WHOLE_COVERAGE)
        register(PLACES)

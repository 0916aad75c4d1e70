"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    """The coverage app."""

    name = "meterdesk.coverage"

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    """The diagnosis app."""

    name = "meterdesk.diagnosis"

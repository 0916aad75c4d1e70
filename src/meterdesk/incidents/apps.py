"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The incidents app."""

    name = "meterdesk.incidents"

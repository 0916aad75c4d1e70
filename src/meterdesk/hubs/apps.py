"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class HubsConfig(AppConfig):
    """The hubs app."""

    name = "meterdesk.hubs"

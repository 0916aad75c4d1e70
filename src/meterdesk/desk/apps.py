"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The desk app."""

    name = "meterdesk.desk"

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications app."""

    name = "meterdesk.notifications"

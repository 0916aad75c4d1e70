"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The trail app."""

    name = "meterdesk.trail"

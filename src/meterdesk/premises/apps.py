"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class PremisesConfig(AppConfig):
    """The premises app."""

    name = "meterdesk.premises"

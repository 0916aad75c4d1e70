"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """The federation app."""

    name = "meterdesk.federation"

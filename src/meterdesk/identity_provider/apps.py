"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class IdentityProviderConfig(AppConfig):
    """The identity_provider app."""

    name = "meterdesk.identity_provider"

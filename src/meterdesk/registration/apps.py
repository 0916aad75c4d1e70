"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    """The registration app."""

    name = "meterdesk.registration"

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """The organisations app."""

    name = "meterdesk.organisations"

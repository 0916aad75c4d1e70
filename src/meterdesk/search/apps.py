"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The search app."""

    name = "meterdesk.search"

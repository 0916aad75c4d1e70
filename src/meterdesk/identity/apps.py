"""Django app configuration."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Organisations, people, rights."""

    name = "meterdesk.identity"

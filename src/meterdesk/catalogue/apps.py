"""Django app configuration: parts of other pages."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The catalogue app."""

    name = "meterdesk.catalogue"

"""Django app configuration: parts of other pages."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The catalogue app."""

    name = "meterdesk.catalogue"

    def ready(self) -> None:
        """Add what is disputed to the pages of the network's records."""
        from meterdesk.catalogue.queries.parts import register_parts

        register_parts()

"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class IdentityProviderConfig(AppConfig):
    """The identity_provider app."""

    name = "meterdesk.identity_provider"

    def ready(self) -> None:
        """Show the services that an organisation's people may use on its page."""
        from meterdesk.identity_provider.queries import part_of_organisation
        from meterdesk.platform import parts

        parts.register("organisations.organisation", part_of_organisation)

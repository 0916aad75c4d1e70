"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """The federation app."""

    name = "meterdesk.federation"

    def ready(self) -> None:
        """Show providers on an organisation's page, close them when it is off-boarded, and tell
        jobs whether an assertion still stands.
        """
        from meterdesk.federation.actions import close_providers
        from meterdesk.federation.queries import part_of_organisation, still_vouches
        from meterdesk.identity.events import OrganisationClosed
        from meterdesk.identity.queries import register_assertion_check
        from meterdesk.platform import parts
        from meterdesk.platform.events import subscribe

        subscribe(OrganisationClosed, close_providers)
        parts.register("organisations.organisation", part_of_organisation)
        register_assertion_check(still_vouches)

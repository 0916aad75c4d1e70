"""Django app configuration."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Organisations, people, rights."""

    name = "meterdesk.identity"

    def ready(self) -> None:
        """Register the secrets of second factors."""
        from meterdesk.identity.actions.authenticator import renew_seed
        from meterdesk.platform import secrets

        secrets.register("Authenticator apps", secrets.column("identity.SecondFactor", "secret"))
        secrets.register("Recovery codes", secrets.rows("mfa.Authenticator", renew_seed, ["data"]))

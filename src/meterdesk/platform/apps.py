"""The Django app that owns the tables shared by every business app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Activity log, references, intake runs, counters and stored files."""

    name = "meterdesk.platform"
    label = "platform"

    def ready(self) -> None:
        """Register the secrets that kept answers may hold."""
        from meterdesk.platform import secrets

        secrets.register(
            "Answers kept for repeated calls", secrets.column("platform.IdempotencyKey", "body")
        )

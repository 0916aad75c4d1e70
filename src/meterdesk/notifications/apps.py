"""Django app configuration: subscriptions and registrations."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The notifications app."""

    name = "meterdesk.notifications"

    def ready(self) -> None:
        """Register the secrets that emails wait with."""
        from meterdesk.platform import secrets

        secrets.register(
            "Emails that wait", secrets.column("notifications.OutgoingMessage", "sealed")
        )

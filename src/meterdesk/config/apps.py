"""The site as a Django app: only so that its start-up checks are registered."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Routes and their check."""

    name = "meterdesk.config"
    label = "site"

    def ready(self) -> None:
        """Register the route check, and the words of the activity log."""
        import meterdesk.config.checks  # noqa: F401
        from meterdesk.config.words import AREAS, WORDS
        from meterdesk.platform.activity.wording import describe

        describe(AREAS, WORDS)

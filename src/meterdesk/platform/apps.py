"""The Django app that owns the tables shared by every business app."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Activity log, references, intake runs, counters and stored files."""

    name = "meterdesk.platform"
    label = "platform"

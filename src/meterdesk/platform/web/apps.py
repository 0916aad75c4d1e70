"""Django's registration of the web shell."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The frame and the components every screen is composed from."""

    name = "meterdesk.platform.web"
    label = "web"
    verbose_name = "Web shell"

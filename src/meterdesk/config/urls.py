"""The site: every app's screens, and the API."""

from django.urls import URLPattern, URLResolver, path

from meterdesk.config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
]

"""The site: every app's screens, and the API."""

from django.urls import URLPattern, URLResolver, include, path

from meterdesk.config.api import api

handler400 = "meterdesk.platform.web.errors.bad_request"
handler403 = "meterdesk.platform.web.errors.forbidden"
handler404 = "meterdesk.platform.web.errors.not_found"
handler500 = "meterdesk.platform.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("meterdesk.platform.web.urls")),
    path("", include("meterdesk.trail.urls")),
    path("", include("meterdesk.premises.urls")),
    path("", include("meterdesk.hubs.urls")),
    path("", include("meterdesk.coverage.urls")),
    path("", include("meterdesk.identity.urls")),
    path("", include("meterdesk.organisations.urls")),
    path("", include("meterdesk.federation.urls")),
    path("", include("meterdesk.identity_provider.urls")),
    path("devices/", include("meterdesk.inventory.urls")),
    path("", include("meterdesk.search.urls")),
    path("desk/", include("meterdesk.desk.urls")),
    path("catalogue/", include("meterdesk.catalogue.urls")),
    path("incidents/", include("meterdesk.incidents.urls")),
    path("api/v1/", api.urls),
]

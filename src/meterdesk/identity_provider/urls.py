"""Addresses of Meterdesk as an Identity Provider."""

from django.urls import path

from meterdesk.identity_provider.views import keeping, signing_on

app_name = "identity_provider"

urlpatterns = [
    path("sso/metadata", signing_on.metadata, name="metadata"),
    path("sso/login", signing_on.log_in, name="log-in"),
    path("sso/requests/<slug:token>/", signing_on.passing, name="passing"),
    path("sso/requests/<slug:token>/answer/", signing_on.answer, name="answer"),
    path("service-providers/", keeping.services, name="services"),
    path("service-providers/new/", keeping.new, name="new"),
    path("service-providers/<int:service_id>/", keeping.service, name="service"),
    path("service-providers/<int:service_id>/change/", keeping.change, name="change"),
    path("service-providers/<int:service_id>/<slug:verb>/", keeping.step, name="step"),
]

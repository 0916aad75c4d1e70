"""Addresses of the catalogue."""

from django.urls import path

from meterdesk.catalogue.views import browsing, listing, one, raising

app_name = "catalogue"

urlpatterns = [
    path("", listing.listing, name="requests"),
    path("export.csv", listing.download_list, name="export"),
    path("browse/", browsing.browse, name="browse"),
    path("data/", browsing.data, name="data"),
    path("raise/<slug:request_type>/", raising.raise_one, name="raise"),
    path("requests/<request_reference>/", one.show, name="request"),
    path("requests/<request_reference>/raised/", raising.raised, name="raised"),
    path("requests/<request_reference>/contacts/", one.contacts, name="contacts"),
    path("requests/<request_reference>/attachments/", one.attach_file, name="attach"),
    path(
        "requests/<request_reference>/attachments/<int:attachment_id>/",
        one.download,
        name="download",
    ),
    path("requests/<request_reference>/<slug:verb>/", one.step, name="step"),
]

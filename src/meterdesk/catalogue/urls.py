"""Addresses of the catalogue."""

from django.urls import path

from meterdesk.catalogue.views import browsing, listing, one, raising

app_name = "catalogue"

urlpatterns = [
    path("", listing.listing, name="requests"),
    path("export.csv", listing.download_list, name="export"),
    path("browse/", browsing.browse, name="browse"),
    path("data/", browsing.data, name="data"),
    path("raise/<slug:code>/", raising.raise_one, name="raise"),
    path("requests/<reference>/", one.show, name="request"),
    path("requests/<reference>/raised/", raising.raised, name="raised"),
    path("requests/<reference>/contacts/", one.contacts, name="contacts"),
    path("requests/<reference>/attachments/", one.attach_file, name="attach"),
    path("requests/<reference>/attachments/<int:attachment_id>/", one.download, name="download"),
    path("requests/<reference>/<slug:verb>/", one.step, name="step"),
]

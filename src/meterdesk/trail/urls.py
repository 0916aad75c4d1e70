"""Addresses of the trail."""

from django.urls import path

from meterdesk.trail.views import archive, messages, volumes

app_name = "trail"

urlpatterns = [
    path("trail/", messages.search, name="search"),
    path("trail/export.csv", messages.download, name="export"),
    path("trail/volumes/", volumes.volumes, name="volumes"),
    path("trail/volumes/export.csv", volumes.download, name="export_volumes"),
    path("trail/archive/", archive.requests, name="archive"),
    path("trail/archive/<int:asked_id>/", archive.one, name="archive_request"),
    path("trail/archive/<int:asked_id>/progress", archive.progress, name="archive_progress"),
    path("trail/archive/<int:asked_id>/export.csv", archive.download, name="export_archive"),
    path("trail/<record_id>/", messages.record, name="record"),
    path("meter-reads/", messages.meter_reads, name="meter_reads"),
    path("meter-reads/export.csv", messages.download_meter_reads, name="export_meter_reads"),
    path("meter-reads/<record_id>/", messages.meter_read, name="meter_read"),
]

"""Addresses of the trail."""

from django.urls import path

from meterdesk.trail import views

app_name = "trail"

urlpatterns = [
    path("trail/", views.search, name="search"),
    path("trail/export.csv", views.download, name="export"),
    path("trail/<record_id>/", views.record, name="record"),
    path("meter-reads/", views.meter_reads, name="meter_reads"),
    path("meter-reads/export.csv", views.download_meter_reads, name="export_meter_reads"),
    path("meter-reads/<record_id>/", views.meter_read, name="meter_read"),
]

"""Addresses of the trail."""

from django.urls import path

from meterdesk.trail import views

app_name = "trail"

urlpatterns = [
    path("trail/", views.search, name="search"),
    path("trail/<record_id>/", views.record, name="record"),
    path("meter-reads/", views.meter_reads, name="meter_reads"),
    path("meter-reads/<record_id>/", views.meter_read, name="meter_read"),
]

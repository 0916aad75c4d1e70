"""Addresses of the inventory."""

from django.urls import path

from meterdesk.inventory import views

app_name = "inventory"

urlpatterns = [
    path("", views.search, name="search"),
    path("export.csv", views.download, name="export"),
    path("details", views.open_details, name="open"),
    path("<device_id>/", views.details, name="device"),
]

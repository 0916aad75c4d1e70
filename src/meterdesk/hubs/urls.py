"""Addresses of Communications Hub diagnostics."""

from django.urls import path

from meterdesk.hubs import views

app_name = "hubs"

urlpatterns = [
    path("hubs/", views.search, name="search"),
    path("hubs/<device_id>/", views.status, name="status"),
]

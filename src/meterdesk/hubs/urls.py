"""Addresses of Communications Hub diagnostics."""

from django.urls import path

from meterdesk.hubs import views

app_name = "hubs"

urlpatterns = [
    path("hubs/", views.search, name="search"),
    path("hubs/<device_id>/", views.status, name="status"),
    path("hubs/<device_id>/requests/", views.ask, name="ask"),
    path(
        "hubs/<device_id>/requests/<int:request_id>/progress",
        views.request_progress,
        name="request-progress",
    ),
]

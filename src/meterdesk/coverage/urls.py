"""Addresses of coverage."""

from django.urls import path

from meterdesk.coverage import views

app_name = "coverage"

urlpatterns = [
    path("coverage/", views.search, name="search"),
    path("coverage/coverage.csv", views.download, name="download"),
]

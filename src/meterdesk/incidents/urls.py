"""Addresses of incidents."""

from django.urls import path

from meterdesk.incidents import views

app_name = "incidents"

urlpatterns = [
    path("", views.listing, name="list"),
    path("export.csv", views.download_list, name="export"),
    path("raise/", views.raise_one, name="raise"),
    path("<reference>/", views.show, name="incident"),
    path("<reference>/raised/", views.raised, name="raised"),
    path("<reference>/updates/", views.write, name="write"),
    path("<reference>/attachments/", views.attach_file, name="attach"),
    path("<reference>/attachments/<int:attachment_id>/", views.download, name="download"),
    path("<reference>/<slug:verb>/", views.step, name="step"),
]

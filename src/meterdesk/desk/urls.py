"""Addresses of the operator's desk."""

from django.urls import path

from meterdesk.desk.views import intake, queue

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("export.csv", queue.download, name="export"),
    path("categories/", queue.incident_categories, name="categories"),
    path("intake/", intake.runs, name="intake"),
    path("intake/new/", intake.upload, name="intake-upload"),
    path("intake/<int:run_id>/", intake.run, name="intake-run"),
    path("intake/<int:run_id>/progress", intake.progress, name="intake-progress"),
    path("intake/<int:run_id>/refused.csv", intake.refusals, name="intake-refusals"),
]

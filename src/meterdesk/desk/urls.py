"""Addresses of the operator's desk."""

from django.urls import path

from meterdesk.desk.views import feeds, intake, queue, registration, requests

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("export.csv", queue.download, name="export"),
    path("categories/", queue.incident_categories, name="categories"),
    path("requests/", requests.queue, name="requests"),
    path("requests/export.csv", requests.download, name="requests-export"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("intake/", intake.runs, name="intake"),
    path("intake/new/", intake.upload, name="intake-upload"),
    path("intake/<int:run_id>/", intake.run, name="intake-run"),
    path("intake/<int:run_id>/progress", intake.progress, name="intake-progress"),
    path("intake/<int:run_id>/refused.csv", intake.refusals, name="intake-refusals"),
    path("registration/", registration.overview, name="registration"),
    path("registration/files/", registration.files, name="registration-files"),
    path(
        "registration/files/export.csv",
        registration.download_files,
        name="registration-files-export",
    ),
    path("registration/files/<int:file_id>/", registration.show_file, name="registration-file"),
    path(
        "registration/files/<int:file_id>/response",
        registration.download_response,
        name="registration-response",
    ),
    path(
        "registration/files/<int:file_id>/<slug:verb>/",
        registration.decide_file,
        name="registration-decide",
    ),
    path("registration/new/", registration.new_provider, name="registration-new"),
    path(
        "registration/refreshes/<int:refresh_id>/cancel/",
        registration.cancel_refresh,
        name="registration-refresh-cancel",
    ),
    path(
        "registration/differences/<int:misalignment_id>/settle/",
        registration.settle_misalignment,
        name="registration-settle",
    ),
    path(
        "registration/providers/<slug:code>/",
        registration.show_provider,
        name="registration-provider",
    ),
    path(
        "registration/providers/<slug:code>/change/",
        registration.change_provider,
        name="registration-change",
    ),
    path(
        "registration/providers/<slug:code>/refresh/",
        registration.new_refresh,
        name="registration-refresh",
    ),
    path(
        "registration/providers/<slug:code>/difference/",
        registration.new_misalignment,
        name="registration-difference",
    ),
]

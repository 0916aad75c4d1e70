"""Addresses of coverage."""

from django.urls import path

from meterdesk.coverage.views import looking_up, versions

app_name = "coverage"

urlpatterns = [
    path("coverage/", looking_up.search, name="search"),
    path("coverage/coverage.csv", looking_up.download, name="download"),
    path("coverage/versions/", versions.version_list, name="versions"),
    path("coverage/versions/<int:version_id>/", versions.show_version, name="version"),
    path("coverage/versions/<int:version_id>/progress", versions.progress, name="progress"),
    path("coverage/versions/<int:version_id>/<slug:verb>/", versions.decide, name="decide"),
]

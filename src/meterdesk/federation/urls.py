"""Addresses of logging in through an organisation's identity provider, and of failed log-ins."""

from django.urls import path

from meterdesk.federation.views import failures, log_in

app_name = "federation"

urlpatterns = [
    path("saml/", log_in.choose, name="choose"),
    path("saml/acs/", log_in.acs, name="acs"),
    path("saml/metadata/", log_in.metadata, name="metadata"),
    path("saml/finish/<sent_id>/", log_in.finish, name="finish"),
    path("saml/<slug:slug>/", log_in.leave, name="leave"),
    path("failed-log-ins/", failures.list_failures, name="failures"),
    path("failed-log-ins/export.csv", failures.download, name="export_failures"),
    path("failed-log-ins/<failure_reference>/", failures.failure, name="failure"),
]

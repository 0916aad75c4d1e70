"""Addresses of logging in through an organisation's identity provider, and of failed log-ins."""

from django.urls import path

from meterdesk.federation.views import enrolling, failures, log_in

app_name = "federation"

urlpatterns = [
    path("saml/", log_in.choose, name="choose"),
    path("saml/acs/", log_in.acs, name="acs"),
    path("saml/metadata/", log_in.metadata, name="metadata"),
    path("saml/finish/<slug:sent_id>/", log_in.finish, name="finish"),
    path("saml/<slug:slug>/", log_in.leave, name="leave"),
    path("failed-log-ins/", failures.list_failures, name="failures"),
    path("failed-log-ins/export.csv", failures.download, name="export_failures"),
    path("failed-log-ins/<failure_reference>/", failures.failure, name="failure"),
    path("identity-providers/", enrolling.list_providers, name="providers"),
    path("identity-providers/new/", enrolling.new, name="new_provider"),
    path("identity-providers/<int:provider_id>/", enrolling.provider, name="provider"),
    path("identity-providers/<int:provider_id>/change/", enrolling.change, name="change_provider"),
    path("identity-providers/<int:provider_id>/test/", enrolling.test, name="test_provider"),
    path(
        "identity-providers/<int:provider_id>/certificates/",
        enrolling.add_certificate,
        name="add_certificate",
    ),
    path(
        "identity-providers/<int:provider_id>/certificates/<int:certificate_id>/approve/",
        enrolling.approve_certificate,
        name="approve_certificate",
    ),
    path(
        "identity-providers/<int:provider_id>/certificates/<int:certificate_id>/remove/",
        enrolling.remove_certificate,
        name="remove_certificate",
    ),
    path("identity-providers/<int:provider_id>/steps/<slug:verb>/", enrolling.step, name="step"),
]

"""Addresses of organisations and of sharings."""

from django.urls import path

from meterdesk.organisations.views import officers, organisations

app_name = "organisations"

_ONE = "organisations/<int:organisation_id>/"

urlpatterns = [
    path("organisations/", organisations.list_organisations, name="list"),
    path("organisations/export.csv", organisations.export, name="export"),
    path("organisations/new/", organisations.take_up, name="take_up"),
    path(_ONE, organisations.organisation, name="organisation"),
    path(_ONE + "name/", organisations.rename, name="rename"),
    path(_ONE + "user-ids/", organisations.give_user_id, name="give_user_id"),
    path(
        _ONE + "user-ids/<eui>/suspension/",
        organisations.user_id_suspension,
        name="user_id_suspension",
    ),
    path(_ONE + "officers/", officers.new_officer, name="new_officer"),
    path(_ONE + "officers/<int:officer_id>/", officers.officer, name="officer"),
    path(_ONE + "administrator/", organisations.administrator, name="administrator"),
    path(_ONE + "suspension/", organisations.suspension, name="suspension"),
    path(_ONE + "off-boarding/", organisations.off_board, name="off_board"),
    path(_ONE + "onboarding/", organisations.bring_back, name="bring_back"),
]

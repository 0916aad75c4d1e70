"""Addresses of organisations and of sharings."""

from django.urls import path

from meterdesk.organisations.views import officers, organisations, sharing, signing

app_name = "organisations"

_ONE = "organisations/<int:organisation_id>/"
_SHARING = "sharing/<uuid:sharing_id>/"
_NOTIFICATION = _SHARING + "notifications/<uuid:notification_id>/"

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
    path(_ONE + "administrator/link/", organisations.send_link_again, name="send_link_again"),
    path(_ONE + "suspension/", organisations.suspension, name="suspension"),
    path(_ONE + "off-boarding/", organisations.off_board, name="off_board"),
    path(_ONE + "onboarding/", organisations.bring_back, name="bring_back"),
    path("sharing/", sharing.list_sharings, name="sharings"),
    path("sharing/export.csv", sharing.export, name="export_sharings"),
    path("sharing/access/", sharing.access, name="access"),
    path("sharing/new/", sharing.propose, name="propose"),
    path(_SHARING, sharing.sharing, name="sharing"),
    path(_SHARING + "answer/", sharing.answer, name="answer"),
    path(_SHARING + "rescind/", sharing.rescind, name="rescind"),
    path(_NOTIFICATION, signing.notification, name="notification"),
    path(_NOTIFICATION + "text", signing.text, name="notification_text"),
    path(_NOTIFICATION + "signature", signing.signature, name="notification_signature"),
    path(_SHARING + "<slug:verb>/", sharing.decide, name="decide"),
]

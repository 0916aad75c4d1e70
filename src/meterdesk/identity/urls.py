"""Addresses of log-in, set-up, profile and people."""

from django.urls import path

from meterdesk.identity.views import (
    account,
    links,
    log_in,
    people,
    person,
    proof,
    security,
    set_up,
)

app_name = "identity"

urlpatterns = [
    path("login/", log_in.log_in, name="log_in"),
    path("login/code/", log_in.enter_code, name="enter_code"),
    path("login/passkey/", log_in.passkey, name="passkey"),
    path("logout/", log_in.log_out, name="log_out"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/password/", set_up.new_password, name="new_password"),
    path("set-up/details/", set_up.details, name="details"),
    path("set-up/authenticator/", set_up.authenticator, name="authenticator"),
    path("set-up/key/", set_up.key, name="set_up_key"),
    path("set-up/recovery-codes/", set_up.recovery_codes, name="recovery_codes"),
    path("welcome/", account.welcome, name="welcome"),
    path("profile/", account.profile, name="profile"),
    path("profile/proof/", proof.prove, name="prove"),
    path("profile/password/", security.password, name="change_password"),
    path("profile/security/", security.security, name="security"),
    path("profile/security/app/", security.add_app, name="add_app"),
    path("profile/security/key/", security.add_key, {"kind": "key"}, name="add_key"),
    path("profile/security/passkey/", security.add_key, {"kind": "passkey"}, name="add_passkey"),
    path("profile/security/factors/<int:factor_id>/", security.factor, name="factor"),
    path("profile/security/recovery-codes/", security.codes, name="own_recovery_codes"),
    path(
        "profile/security/recovery-codes.txt",
        security.download_codes,
        name="download_recovery_codes",
    ),
    path("profile/security/sessions/end-others/", security.end_others, name="end_others"),
    path(
        "profile/security/sessions/<int:session_id>/end/",
        security.end_session,
        name="end_session",
    ),
    path("profile/bookmarks/", account.keep_bookmark, name="bookmarks"),
    path(
        "profile/bookmarks/<int:bookmark_id>/remove/",
        account.drop_bookmark,
        name="remove_bookmark",
    ),
    path("profile/tokens/", account.new_token, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", account.end_token, name="revoke_token"),
    path("people/", people.list_people, name="people"),
    path("people/export.csv", people.download, name="export_people"),
    path("people/log-ins/", people.log_in_report, name="log_in_report"),
    path("people/log-ins/export.csv", people.download_report, name="export_log_ins"),
    path("people/new/", person.new_person, name="new_person"),
    path("people/<int:person_id>/", person.one_person, name="person"),
    path("people/<int:person_id>/unlock/", person.unlock, name="unlock"),
    path("people/<int:person_id>/reset/", person.reset, name="reset_person"),
    path("people/<int:person_id>/delete/", person.delete, name="delete_person"),
    path("links/<slug:secret>/", links.use_link, name="link"),
]

"""Addresses of log-in, set-up, profile and people."""

from django.urls import path

from meterdesk.identity.views import account, links, log_in, people, person, set_up

app_name = "identity"

urlpatterns = [
    path("login/", log_in.log_in, name="log_in"),
    path("login/code/", log_in.enter_code, name="enter_code"),
    path("logout/", log_in.log_out, name="log_out"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/password/", set_up.new_password, name="new_password"),
    path("set-up/details/", set_up.details, name="details"),
    path("set-up/authenticator/", set_up.authenticator, name="authenticator"),
    path("set-up/recovery-codes/", set_up.recovery_codes, name="recovery_codes"),
    path("welcome/", account.welcome, name="welcome"),
    path("profile/", account.profile, name="profile"),
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

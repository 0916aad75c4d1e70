"""Changes to organisations, people, their rights, sessions and tokens."""

from meterdesk.identity.actions.accounts import unlock_person
from meterdesk.identity.actions.authenticator import confirm_recovery_codes, enrol_authenticator
from meterdesk.identity.actions.bookmarks import add_bookmark, remove_bookmark
from meterdesk.identity.actions.log_in import (
    LogInOver,
    PasswordAccepted,
    check_code,
    check_password,
)
from meterdesk.identity.actions.people import (
    NewPerson,
    add_grant,
    add_organisation,
    add_person,
    add_user_id,
    rescind_grant,
)
from meterdesk.identity.actions.sessions import (
    SessionBegun,
    begin_session,
    end_session,
    end_sessions_of,
    forget_old_sessions,
    forget_session,
    note_activity,
)
from meterdesk.identity.actions.set_up import confirm_details, prove_authenticator, set_password
from meterdesk.identity.actions.suspension import (
    close_organisation,
    reopen_organisation,
    suspend_organisation,
    suspend_user_id,
)
from meterdesk.identity.actions.tokens import (
    create_token,
    issue_token,
    note_token_use,
    revoke_token,
)

__all__ = [
    "LogInOver",
    "NewPerson",
    "PasswordAccepted",
    "SessionBegun",
    "add_bookmark",
    "add_grant",
    "add_organisation",
    "add_person",
    "add_user_id",
    "begin_session",
    "check_code",
    "check_password",
    "close_organisation",
    "confirm_details",
    "confirm_recovery_codes",
    "create_token",
    "end_session",
    "end_sessions_of",
    "enrol_authenticator",
    "forget_old_sessions",
    "forget_session",
    "issue_token",
    "note_activity",
    "note_token_use",
    "prove_authenticator",
    "remove_bookmark",
    "reopen_organisation",
    "rescind_grant",
    "revoke_token",
    "set_password",
    "suspend_organisation",
    "suspend_user_id",
    "unlock_person",
]

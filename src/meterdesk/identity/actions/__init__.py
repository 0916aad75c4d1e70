"""Changes to organisations, people, their rights, sessions and tokens."""

from meterdesk.identity.actions.account_details import AccountDetails
from meterdesk.identity.actions.account_rules import set_account_rules
from meterdesk.identity.actions.accounts import (
    AccountCreated,
    create_account,
    delete_account,
    edit_account,
    reset_account,
    unlock_person,
)
from meterdesk.identity.actions.attempts import LogInOver
from meterdesk.identity.actions.authenticator import confirm_recovery_codes, enrol_authenticator
from meterdesk.identity.actions.bookmarks import add_bookmark, remove_bookmark
from meterdesk.identity.actions.credentials import (
    OpenLink,
    confirm_email_by_link,
    forget_old_links,
    open_link,
    set_password_by_link,
)
from meterdesk.identity.actions.factors import (
    add_app,
    remove_factor,
    rename_factor,
    renew_recovery_codes,
)
from meterdesk.identity.actions.first_administrator import (
    FirstAdministrator,
    add_first_administrator,
    renew_first_administrator_link,
)
from meterdesk.identity.actions.imports import (
    apply_import,
    check_import,
    forget_old_imports,
    go_on_with_import,
)
from meterdesk.identity.actions.keys import (
    Question,
    add_key,
    ask_for_key,
    ask_for_new_key,
    ask_for_passkey,
)
from meterdesk.identity.actions.log_in import (
    PasswordAccepted,
    check_code,
    check_key,
    check_passkey,
    check_password,
    offer_passkey,
    prove_again,
    prove_with_token,
)
from meterdesk.identity.actions.log_in_days import note_log_in
from meterdesk.identity.actions.log_keeping import verify_activity_log
from meterdesk.identity.actions.networks import (
    record_network,
    refuse_network,
    remind_of_reviews,
    request_network,
    take_network_step,
)
from meterdesk.identity.actions.own_details import change_own_details, confirm_details
from meterdesk.identity.actions.people import (
    NewPerson,
    add_grant,
    add_organisation,
    add_person,
    add_user_id,
    rescind_grant,
)
from meterdesk.identity.actions.resets import decide_reset, request_reset, reset_from_shell
from meterdesk.identity.actions.reviews import (
    confirm_accounts,
    remind_of_overdue_reviews,
    start_due_reviews,
    start_review,
)
from meterdesk.identity.actions.security_policy import limit_sessions, set_security_policy
from meterdesk.identity.actions.service_accounts import (
    ServiceAccountDetails,
    change_service_account,
    close_service_account,
    open_service_account,
)
from meterdesk.identity.actions.sessions import (
    SessionBegun,
    begin_session,
    end_own_sessions,
    end_persons_sessions,
    end_session,
    end_sessions_of,
    end_sessions_of_people,
    forget_old_sessions,
    forget_session,
    note_activity,
)
from meterdesk.identity.actions.set_up import set_password
from meterdesk.identity.actions.suspension import (
    close_organisation,
    rename_organisation,
    reopen_organisation,
    suspend_organisation,
    suspend_user_id,
)
from meterdesk.identity.actions.token_use import (
    note_token_use,
    refuse_token,
    remind_of_expiring_tokens,
)
from meterdesk.identity.actions.tokens import (
    NewToken,
    create_service_token,
    create_token,
    issue_token,
    revoke_token,
    revoke_tokens_of,
    rotate_token,
)

__all__ = [
    "AccountCreated",
    "AccountDetails",
    "FirstAdministrator",
    "LogInOver",
    "NewPerson",
    "NewToken",
    "OpenLink",
    "PasswordAccepted",
    "Question",
    "ServiceAccountDetails",
    "SessionBegun",
    "add_app",
    "add_bookmark",
    "add_first_administrator",
    "add_grant",
    "add_key",
    "add_organisation",
    "add_person",
    "add_user_id",
    "apply_import",
    "ask_for_key",
    "ask_for_new_key",
    "ask_for_passkey",
    "begin_session",
    "change_own_details",
    "change_service_account",
    "check_code",
    "check_import",
    "check_key",
    "check_passkey",
    "check_password",
    "close_organisation",
    "close_service_account",
    "confirm_accounts",
    "confirm_details",
    "confirm_email_by_link",
    "confirm_recovery_codes",
    "create_account",
    "create_service_token",
    "create_token",
    "decide_reset",
    "delete_account",
    "edit_account",
    "end_own_sessions",
    "end_persons_sessions",
    "end_session",
    "end_sessions_of",
    "end_sessions_of_people",
    "enrol_authenticator",
    "forget_old_imports",
    "forget_old_links",
    "forget_old_sessions",
    "forget_session",
    "go_on_with_import",
    "issue_token",
    "limit_sessions",
    "note_activity",
    "note_log_in",
    "note_token_use",
    "offer_passkey",
    "open_link",
    "open_service_account",
    "prove_again",
    "prove_with_token",
    "record_network",
    "refuse_network",
    "refuse_token",
    "remind_of_expiring_tokens",
    "remind_of_overdue_reviews",
    "remind_of_reviews",
    "remove_bookmark",
    "remove_factor",
    "rename_factor",
    "rename_organisation",
    "renew_first_administrator_link",
    "renew_recovery_codes",
    "reopen_organisation",
    "request_network",
    "request_reset",
    "rescind_grant",
    "reset_account",
    "reset_from_shell",
    "revoke_token",
    "revoke_tokens_of",
    "rotate_token",
    "set_account_rules",
    "set_password",
    "set_password_by_link",
    "set_security_policy",
    "start_due_reviews",
    "start_review",
    "suspend_organisation",
    "suspend_user_id",
    "take_network_step",
    "unlock_person",
    "verify_activity_log",
]

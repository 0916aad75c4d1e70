"""Changes to organisations, people, their rights, sessions and tokens."""

from meterdesk.identity.actions.authenticator import confirm_recovery_codes, enrol_authenticator
from meterdesk.identity.actions.people import (
    NewPerson,
    add_grant,
    add_organisation,
    add_person,
    add_user_id,
    rescind_grant,
)
from meterdesk.identity.actions.tokens import (
    create_token,
    issue_token,
    note_token_use,
    revoke_token,
)

__all__ = [
    "NewPerson",
    "add_grant",
    "add_organisation",
    "add_person",
    "add_user_id",
    "confirm_recovery_codes",
    "create_token",
    "enrol_authenticator",
    "issue_token",
    "note_token_use",
    "rescind_grant",
    "revoke_token",
]

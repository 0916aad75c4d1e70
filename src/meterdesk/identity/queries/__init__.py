"""Reads about people and rights."""

from meterdesk.identity.queries.account import (
    Account,
    BookmarkEntry,
    TokenEntry,
    account,
    bookmarks,
    component_access,
    current_code,
    own_details,
    own_roles,
    recovery_codes_left,
    token,
    tokens,
    unseen_recovery_codes,
)
from meterdesk.identity.queries.directory import (
    OrganisationEntry,
    PersonEntry,
    desk_people,
    organisations_of_kind,
    person_id_of,
    resolver_addresses,
    service_management_addresses,
)
from meterdesk.identity.queries.people import PersonRow, people
from meterdesk.identity.queries.rights import (
    actor_named,
    actor_of,
    live_token,
)
from meterdesk.identity.queries.sessions import OpenSession, open_session
from meterdesk.identity.queries.user_ids import UserIdEntry, user_id_entries

__all__ = [
    "Account",
    "BookmarkEntry",
    "OpenSession",
    "OrganisationEntry",
    "PersonEntry",
    "PersonRow",
    "TokenEntry",
    "UserIdEntry",
    "account",
    "actor_named",
    "actor_of",
    "bookmarks",
    "component_access",
    "current_code",
    "desk_people",
    "live_token",
    "open_session",
    "organisations_of_kind",
    "own_details",
    "own_roles",
    "people",
    "person_id_of",
    "recovery_codes_left",
    "resolver_addresses",
    "service_management_addresses",
    "token",
    "tokens",
    "unseen_recovery_codes",
    "user_id_entries",
]

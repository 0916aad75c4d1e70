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
from meterdesk.identity.queries.administration import (
    Assignable,
    RulesView,
    own_account_rules,
)
from meterdesk.identity.queries.directory import (
    OrganisationEntry,
    PersonEntry,
    desk_people,
    organisation_id_of,
    organisations_of_kind,
    person_id_of,
    resolver_addresses,
    service_management_addresses,
)
from meterdesk.identity.queries.networks import (
    NetworkPage,
    NetworkRow,
    NetworkSearch,
    network,
    network_admits,
    networks,
)
from meterdesk.identity.queries.one_person import (
    AccountRecord,
    Offer,
    administered_organisations,
    offer,
    person,
)
from meterdesk.identity.queries.people import PeopleSearch, PersonRow, departments, people
from meterdesk.identity.queries.rights import (
    actor_named,
    actor_of,
    live_token,
)
from meterdesk.identity.queries.sessions import OpenSession, open_session
from meterdesk.identity.queries.user_ids import UserIdEntry, user_id_entries

__all__ = [
    "Account",
    "AccountRecord",
    "Assignable",
    "BookmarkEntry",
    "NetworkPage",
    "NetworkRow",
    "NetworkSearch",
    "Offer",
    "OpenSession",
    "OrganisationEntry",
    "PeopleSearch",
    "PersonEntry",
    "PersonRow",
    "RulesView",
    "TokenEntry",
    "UserIdEntry",
    "account",
    "actor_named",
    "actor_of",
    "administered_organisations",
    "bookmarks",
    "component_access",
    "current_code",
    "departments",
    "desk_people",
    "live_token",
    "network",
    "network_admits",
    "networks",
    "offer",
    "open_session",
    "organisation_id_of",
    "organisations_of_kind",
    "own_account_rules",
    "own_details",
    "own_roles",
    "people",
    "person",
    "person_id_of",
    "recovery_codes_left",
    "resolver_addresses",
    "service_management_addresses",
    "token",
    "tokens",
    "unseen_recovery_codes",
    "user_id_entries",
]

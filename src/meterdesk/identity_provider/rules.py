"""What a service provider may be told, and what a log-in here is worth. Plain Python.

Attribute names and contexts are provisional: what the parties agree is kept per service provider.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from meterdesk.identity.rules import Actor, Proof
from meterdesk.kernel.saml.services import is_address

REQUEST_LIFETIME: Final = timedelta(minutes=15)
"""How long a person may take to log in before the service has to ask again."""
REQUEST_OLDEST: Final = timedelta(minutes=10)
"""How long ago a request may say that it was made; clocks differ by as much either way."""
RELAY_STATE_LONGEST: Final = 1_024
REQUESTS_A_MINUTE: Final = 60
"""From one address; more are answered 429."""
ACS_MOST: Final = 10

MFA_CONTEXT: Final = "https://refeds.org/profile/mfa"
PASSWORD_CONTEXT: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105


def contexts_of(proofs: Iterable[str]) -> tuple[str, ...]:
    """What a finished log-in satisfies: always two factors, and often a password among them."""
    return (MFA_CONTEXT, PASSWORD_CONTEXT) if Proof.PASSWORD in set(proofs) else (MFA_CONTEXT,)


class Told(StrEnum):
    """What a service provider can be told of a person, with the attribute's name."""

    USERNAME = "Username"
    FIRST_NAME = "FirstName"
    LAST_NAME = "LastName"
    EMAIL = "Email"
    ORGANISATION = "Organisation"
    USER_IDS = "OrgID"
    ROLES = "Roles"
    ROLES_BY_USER_ID = "RolesByUserId"

    @property
    def label(self) -> str:
        """As shown to the operator."""
        return _LABELS[self]


_LABELS = {
    Told.USERNAME: "Username",
    Told.FIRST_NAME: "First name",
    Told.LAST_NAME: "Last name",
    Told.EMAIL: "Email address",
    Told.ORGANISATION: "Organisation",
    Told.USER_IDS: "UserIds, comma-separated",
    Told.ROLES: "Job Type Roles held on every one of the UserIds, comma-separated",
    Told.ROLES_BY_USER_ID: "Job Type Roles for each UserId",
}


def roles_on_all(actor: Actor) -> tuple[str, ...]:
    """Job Type Roles that the person holds on every UserId.

    A service reads the roles of an assertion as given for each UserId it names, so a role held on
    some alone must not be among them.
    """
    held = [set(roles) for roles in actor.job_type_roles.values()]
    return tuple(sorted(set.intersection(*held))) if held else ()


def roles_by_user_id(actor: Actor) -> str:
    """`UserId=Role|Role`, separated by commas, in the order of the UserIds."""
    return ",".join(
        f"{eui}={'|'.join(sorted(roles))}" for eui, roles in sorted(actor.job_type_roles.items())
    )


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """A person's own details, as far as they are told."""

    username: str
    first_name: str
    last_name: str
    email: str


def attributes_for(actor: Actor, person: PersonSaid, told: Iterable[str]) -> dict[str, str]:
    """What one service provider is told, by attribute name; nothing that it was not agreed."""
    values: Mapping[Told, str] = {
        Told.USERNAME: person.username,
        Told.FIRST_NAME: person.first_name,
        Told.LAST_NAME: person.last_name,
        Told.EMAIL: person.email,
        Told.ORGANISATION: actor.organisation_name,
        Told.USER_IDS: ",".join(sorted(actor.user_ids)),
        Told.ROLES: ",".join(roles_on_all(actor)),
        Told.ROLES_BY_USER_ID: roles_by_user_id(actor),
    }
    agreed = set(told)
    return {one.value: values[one] for one in Told if one.value in agreed and values[one]}


class ServiceState(StrEnum):
    """Whether people are vouched for to a service provider."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return self.value.capitalize()


TRANSITIONS: Final[Mapping[ServiceState, Mapping[str, ServiceState]]] = {
    ServiceState.ACTIVE: {"suspend": ServiceState.SUSPENDED},
    ServiceState.SUSPENDED: {"resume": ServiceState.ACTIVE},
}
"""From state to verb to state; screens draw their buttons from it."""


def address_mistake(urls: Iterable[str], *, plain_http: bool) -> str:
    """What is wrong with the addresses that assertions are posted to, or nothing."""
    found = list(urls)
    if not 0 < len(found) <= ACS_MOST:
        return f"Give one to {ACS_MOST} addresses, each on a line of its own."
    for url in found:
        if not is_address(url):
            return f"{url[:80]} is not an address that an answer could be posted to."
        if not plain_http and not url.startswith("https://"):
            return f"{url[:80]} is not an https address."
    return ""

"""What administrators enter of a person, checked before it is stored."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meterdesk.identity.actions.roles_held import Roles
from meterdesk.identity.models import Organisation
from meterdesk.identity.queries.administration import (
    assignable_desk_roles,
    assignable_user_ids,
)
from meterdesk.identity.queries.email_domains import corporate_email
from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind, administers_by
from meterdesk.identity.rules.accounts import (
    DEPARTMENT_LONGEST,
    LINE_MANAGER_LONGEST,
    NAME_LONGEST,
)
from meterdesk.kernel.errors import Refused

_LONGEST: Final = {
    "first_name": NAME_LONGEST,
    "last_name": NAME_LONGEST,
    "department": DEPARTMENT_LONGEST,
    "line_manager": LINE_MANAGER_LONGEST,
}
_NEEDED: Final = {"first_name": "Enter a first name.", "last_name": "Enter a last name."}


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What an administrator decides of a person; username and status are not among it.

    Attributes:
        roles: (UserId, Job Type Role) pairs, on own UserIds and on granted ones (SSI-FR-60).
        desk: desk roles of the operator's staff, and of resolvers at a service provider.
    """

    first_name: str
    last_name: str
    email: str
    department: str = ""
    line_manager: str = ""
    roles: Roles = frozenset()
    desk: frozenset[DeskRole] = frozenset()

    @property
    def administers(self) -> bool:
        """Whether these roles administer accounts."""
        return administers_by([role for _, role in self.roles], self.desk)


@dataclass(frozen=True, slots=True)
class Held:
    """What an account has already, which may stay although it could no longer be given."""

    email: str = ""
    roles: Roles = frozenset()
    desk: frozenset[DeskRole] = frozenset()


def checked(
    details: AccountDetails, organisation: Organisation, held: Held = Held(), *, at: datetime
) -> AccountDetails:
    """The details in the spelling that is stored.

    Raises Refused with a message for each field that must be mended.
    """
    texts = {name: _one_line(getattr(details, name)) for name in _LONGEST}
    mistakes = {name: message for name, message in _NEEDED.items() if not texts[name]}
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            mistakes[name] = f"Enter at most {longest} characters."
    email = details.email
    try:
        email = corporate_email(details.email, organisation.pk, held.email)
    except Refused as refused:
        mistakes.update(refused.fields)
    if wrong := role_mistake(details.roles - held.roles, organisation, at):
        mistakes["roles"] = wrong
    allowed = assignable_desk_roles(OrganisationKind(organisation.kind))
    if details.desk - held.desk - set(allowed):
        mistakes["desk"] = "Choose desk roles of those that are offered."
    if mistakes:
        raise Refused("Nothing was saved. Mend what is marked.", code="invalid", fields=mistakes)
    return AccountDetails(email=email, roles=details.roles, desk=details.desk, **texts)


def role_mistake(added: Collection[tuple[str, JobTypeRole]], of: Organisation, at: datetime) -> str:
    """Why an organisation's accounts cannot be given these roles; nothing when they can."""
    if not added:
        return ""
    if of.kind != OrganisationKind.PARTY:
        return "People of the operator and of service providers have desk roles, on no UserId."
    takes = {one.eui: one for one in assignable_user_ids(of.pk, at)}
    for eui, role in sorted(added):
        if eui not in takes:
            return f"{eui} is neither a UserId of your organisation nor granted to it."
        if not takes[eui].takes(role):
            return f"{role} cannot be given on {eui}: accounts are administered on own UserIds."
    return ""


def _one_line(text: str) -> str:
    """Without control characters, and with single spaces."""
    printable = (" " if unicodedata.category(one).startswith("C") else one for one in text)
    return " ".join("".join(printable).split())

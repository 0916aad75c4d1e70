"""Service accounts: a program's account, owned by an organisation, with roles and tokens (FSM-17).

It has the rights that administrators give it, UserId by UserId, and neither password nor session.
It administers nobody: who may do what is for people to decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from meterdesk.identity.access import administers, service_accounts_managed_by
from meterdesk.identity.actions.account_details import role_mistake
from meterdesk.identity.actions.accounts import not_too_curious
from meterdesk.identity.actions.roles_held import (
    Roles,
    desk_of,
    feeds_of,
    give_feeds,
    give_roles,
    roles_of,
)
from meterdesk.identity.actions.tokens import revoke_tokens_of
from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.queries.tokens import service_desk_roles, service_feeds
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, OrganisationKind
from meterdesk.identity.rules.accounts import username_mistake
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.platform import activity

PURPOSE_LONGEST: Final = 500
NAME_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class ServiceAccountDetails:
    """What an administrator decides of a service account.

    Attributes:
        name: as it stands in histories; `purpose`: what it is for and who answers for it.
        roles: (UserId, Job Type Role) pairs; `desk`: of the operator's and service providers'.
        feeds: kinds of the network's data that it may push; the operator's and providers' again.
    """

    name: str
    purpose: str
    roles: Roles = frozenset()
    desk: frozenset[DeskRole] = frozenset()
    feeds: frozenset[str] = frozenset()


@transaction.atomic
def open_service_account(
    actor: Actor,
    username: str,
    details: ServiceAccountDetails,
    organisation_id: int | None = None,
    *,
    at: datetime,
) -> int:
    """Open a service account in an organisation that the actor administers; returns its number.

    Args:
        organisation_id: for the operator's administrators: a service provider; else one's own.

    Raises NotVisible, Refused with fields, Conflict when the username is taken.
    """
    organisation = _administered(actor, organisation_id)
    username = username.strip()
    if mistake := username_mistake(username):
        raise Refused(mistake, code="invalid", fields={"username": mistake})
    not_too_curious(actor, username, at)
    if Person.objects.filter(username__iexact=username).exists():
        taken = f"The username {username} is taken. Choose another one."
        raise Conflict(taken, fields={"username": taken})
    _check(details, organisation, frozenset(), at)
    account = Person(
        username=username,
        organisation=organisation,
        kind=Person.Kind.SERVICE,
        first_name=details.name.strip(),
        purpose=details.purpose.strip(),
        must_set_password=False,
        details_confirmed_at=at,
        created_at=at,
    )
    account.set_unusable_password()
    account.save()
    give_roles(account, details.roles, details.desk, at=at)
    give_feeds(account, details.feeds)
    made = {"before": None, "after": _facts(account)}
    _record(actor, "identity.open_service_account", account, at, made)
    return account.pk


@transaction.atomic
def change_service_account(
    actor: Actor,
    account_id: int,
    details: ServiceAccountDetails,
    version: int | None,
    *,
    at: datetime,
) -> int:
    """Change a service account's name, purpose and roles; returns its version afterwards.

    Raises NotVisible, Stale, Conflict when it is closed, Refused with fields.
    """
    account = _held(actor, account_id, version)
    before = _facts(account)
    _check(details, account.organisation, roles_of(account), at, feeds_of(account))
    account.first_name, account.purpose = details.name.strip(), details.purpose.strip()
    account.version += 1
    account.save(update_fields=["first_name", "purpose", "version"])
    give_roles(account, details.roles, details.desk, at=at)
    give_feeds(account, details.feeds)
    after = _facts(account)
    if after != before:
        detail = {"before": before, "after": after}
        _record(actor, "identity.change_service_account", account, at, detail)
    return account.version


@transaction.atomic
def close_service_account(
    actor: Actor, account_id: int, version: int | None, *, at: datetime
) -> str:
    """Close a service account, its tokens with it, at once; returns its username. It stays on
    record. Raises NotVisible, Stale, Conflict when it is closed already.
    """
    account = _held(actor, account_id, version)
    was, account.status = account.status, Person.Status.DELETED
    account.version += 1
    account.save(update_fields=["status", "version"])
    revoke_tokens_of(account.pk, at=at, by=actor)
    ended = {"before": {"status": was}, "after": {"status": account.status}}
    _record(actor, "identity.close_service_account", account, at, ended)
    return account.username


def _administered(actor: Actor, organisation_id: int | None) -> Organisation:
    wanted = organisation_id or actor.organisation_id
    found = Organisation.objects.filter(pk=wanted).first()
    own = found is not None and found.pk == actor.organisation_id
    provider = found is not None and found.kind == OrganisationKind.SERVICE_PROVIDER
    if found is None or not administers(actor) or not (own or (provider and actor.is_operator)):
        raise NotVisible()
    return found


def _held(actor: Actor, account_id: int, version: int | None) -> Person:
    account = (
        Person.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(service_accounts_managed_by(actor), pk=account_id)
        .first()
    )
    if account is None:
        raise NotVisible()
    if version is not None and account.version != version:
        raise Stale()
    if account.status == Person.Status.DELETED:
        raise Conflict("This service account is closed. It stays as it was.")
    return account


def _check(
    details: ServiceAccountDetails,
    organisation: Organisation,
    kept: Roles,
    at: datetime,
    kept_feeds: frozenset[str] = frozenset(),
) -> None:
    mistakes = _text_mistakes(details)
    wrong = role_mistake(details.roles - kept, organisation, at)
    if any(role is JobTypeRole.ORGANISATIONAL_ADMINISTRATOR for _, role in details.roles):
        wrong = "A service account administers nobody. Choose another role."
    if wrong:
        mistakes["roles"] = wrong
    if details.desk - set(service_desk_roles(OrganisationKind(organisation.kind))):
        mistakes["desk"] = "A program of this organisation cannot have this desk role."
    offered = {kind for kind, _title in service_feeds(OrganisationKind(organisation.kind))}
    if details.feeds - kept_feeds - offered:
        mistakes["feeds"] = "A program of this organisation cannot push this data."
    if mistakes:
        raise Refused("Nothing was saved. Mend what is marked.", code="invalid", fields=mistakes)


def _text_mistakes(details: ServiceAccountDetails) -> dict[str, str]:
    needed = {
        "name": (details.name, NAME_LONGEST, "Enter a name that tells you which program it is."),
        "purpose": (
            details.purpose,
            PURPOSE_LONGEST,
            "Say what it is for and who answers for it.",
        ),
    }
    mistakes = {}
    for field, (text, longest, message) in needed.items():
        if not text.strip():
            mistakes[field] = message
        elif len(text.strip()) > longest:
            mistakes[field] = f"Enter at most {longest} characters."
    return mistakes


def _facts(account: Person) -> dict[str, object]:
    return {
        "name": account.first_name,
        "purpose": account.purpose,
        "roles": sorted(f"{role} on {eui}" for eui, role in roles_of(account)),
        "desk_roles": sorted(desk_of(account)),
        "feeds": sorted(feeds_of(account)),
    }


def _record(
    actor: Actor, verb: str, account: Person, at: datetime, detail: Mapping[str, object]
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject=account.username,
        at=at,
        organisation_id=account.organisation_id,
        detail=dict(detail),
    )

"""What an administrator does to accounts: create, edit, unlock, reset, delete (SSI-FR-58 to 61)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from meterdesk.identity.access import administers, people_visible_to
from meterdesk.identity.actions.account_details import AccountDetails, Held, checked
from meterdesk.identity.actions.attempts import forget_failures
from meterdesk.identity.actions.credentials import give_credential, refuse_by_provider
from meterdesk.identity.actions.people import NewPerson, add_person
from meterdesk.identity.actions.review_decisions import note_decisions
from meterdesk.identity.actions.roles_held import desk_of, give_roles, roles_of
from meterdesk.identity.actions.sessions import end_sessions_of
from meterdesk.identity.actions.telling import by_whom, tell_administrators, tell_person
from meterdesk.identity.models import (
    AccountLink,
    ApiToken,
    Organisation,
    Person,
    ReviewDecision,
)
from meterdesk.identity.queries.administration import administrators_of, other_administrators
from meterdesk.identity.queries.rights import present_rights
from meterdesk.identity.rules import Actor, JobTypeRole, OrganisationKind
from meterdesk.identity.rules.accounts import (
    ACCOUNT_TRANSITIONS,
    TAKEN_NAMES_A_DAY,
    AccountStatus,
    Credential,
    Decision,
    username_mistake,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale, TooMany
from meterdesk.platform import activity, counters

_DAY: Final = timedelta(days=1)
_TEXTS: Final = ("first_name", "last_name", "email", "department", "line_manager")


@dataclass(frozen=True, slots=True)
class AccountCreated:
    """A new account; `password` is shown once, None when a link was sent instead."""

    person_id: int
    username: str
    password: str | None


def create_account(
    actor: Actor,
    username: str,
    details: AccountDetails,
    credential: Credential,
    organisation_id: int | None = None,
    *,
    at: datetime,
) -> AccountCreated:
    """Open an account in an organisation whose accounts the actor administers (SSI-FR-61).

    Args:
        organisation_id: for the operator's administrators: a service provider; else one's own.

    Raises:
        NotVisible: an organisation that the actor does not administer.
        Refused: fields that must be mended; a username that is taken among them (Conflict).
        TooMany: too many usernames were asked for that others have.
    """
    organisation = _administered(actor, organisation_id)
    username = username.strip()
    if mistake := username_mistake(username):
        raise Refused(mistake, code="invalid", fields={"username": mistake})
    not_too_curious(actor, username, at)
    if known_by_provider(actor, username):
        message = (
            f"{username} has an account already, by your organisation's identity provider. "
            "Whoever looks after that provider resets what has been lost there."
        )
        raise Conflict(message, code="by_provider", fields={"username": message})
    with transaction.atomic():
        return open_account(actor, organisation, username, details, credential, at=at)


def open_account(
    actor: Actor | None,
    organisation: Organisation,
    username: str,
    details: AccountDetails,
    credential: Credential,
    *,
    at: datetime,
) -> AccountCreated:
    """Open an account; rights have been asked. Call inside a transaction."""
    given = checked(details, organisation, at=at)
    new = NewPerson(
        username=username,
        organisation_id=organisation.pk,
        first_name=given.first_name,
        last_name=given.last_name,
        email=given.email,
        department=given.department,
        line_manager=given.line_manager,
        assignments=tuple(sorted(given.roles)),
        desk=tuple(sorted(given.desk)),
    )
    person_id = add_person(actor, new, at=at)
    person = Person.objects.select_for_update().get(pk=person_id)
    password = give_credential(person, credential, at=at)
    _tell_of_new_administrator(actor, person, organisation, given.administers, at)
    return AccountCreated(person_id, username, password)


@transaction.atomic
def edit_account(
    actor: Actor, person_id: int, details: AccountDetails, version: int | None, *, at: datetime
) -> int:
    """Change a person's details and roles; returns the version that it then has (SSI-FR-60).

    What was and what is stands in the activity log (FSM-10), and the person is told by email, at
    the old address too when that changes. Nothing changed is nothing done.

    Raises NotVisible, Stale, Refused with fields, Conflict when nobody else would administer.
    """
    person, organisation = held_account(actor, person_id, version)
    if person.status == AccountStatus.DELETED:
        raise Conflict("This account is deleted. It stays as it was.")
    roles, desk = roles_of(person), desk_of(person)
    given = checked(details, organisation, Held(person.email, roles, desk), at=at)
    before = {name: getattr(person, name) for name in _TEXTS}
    after = {name: getattr(given, name) for name in _TEXTS}
    before |= {"roles": _words(roles), "desk_roles": sorted(desk)}
    after |= {"roles": _words(given.roles), "desk_roles": sorted(given.desk)}
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return person.version
    was_administrator = administrators_of(organisation).filter(pk=person.pk).exists()
    _store(person, given, at)
    is_administrator = administrators_of(organisation).filter(pk=person.pk).exists()
    if was_administrator and not is_administrator:
        _not_the_last(organisation, person)
    was, became = ({name: one[name] for name in changed} for one in (before, after))
    _record(actor, "identity.edit_account", person, at, before=was, after=became)
    lines = [f"{by_whom(actor)} changed your Meterdesk account {person.username}:"]
    lines += [_change_words(name, before[name], after[name]) for name in changed]
    tell_person(person, "Your account was changed", lines, at=at, also=str(before["email"]))
    if is_administrator and not was_administrator:
        _tell_of_new_administrator(actor, person, organisation, is_new=True, at=at)
    elif actor.person_id == person.pk and {"roles", "desk_roles"} & set(changed):
        _tell_of_own_roles(actor, person, organisation, lines[1:], at)
    return person.version


@transaction.atomic
def unlock_person(actor: Actor, person_id: int, version: int | None, *, at: datetime) -> str:
    """Lift the lock of an account (SSI-FR-60); returns its username.

    Raises NotVisible for people whom the actor does not administer, Stale when the account has
    changed since it was read, Conflict when it is not locked.
    """
    person, _ = held_account(actor, person_id, version)
    if person.status != AccountStatus.LOCKED:
        raise Conflict("This account is not locked.")
    _unlock(person)
    person.version += 1
    person.save(update_fields=["status", "locked_at", "version"])
    before, after = {"status": AccountStatus.LOCKED}, {"status": AccountStatus.ACTIVE}
    _record(actor, "identity.unlock", person, at, before=before, after=after)
    tell_person(
        person, "Your account was unlocked", [f"{by_whom(actor)} unlocked your account."], at=at
    )
    return person.username


@transaction.atomic
def reset_account(
    actor: Actor, person_id: int, credential: Credential, version: int | None, *, at: datetime
) -> AccountCreated:
    """Replace a person's password by one for single use, or by a link (SSI-FR-60).

    The old one opens nothing any more, sessions end, a lock is lifted; second factors and API
    tokens stay. Raises NotVisible, Stale, NotAllowed for one's own, Conflict for a deleted one
    and for one that an identity provider logs in, Refused when a link has no address to go to.
    """
    person, _ = held_account(actor, person_id, version)
    if person.pk == actor.person_id:
        raise NotAllowed("Ask another administrator to reset your own password.")
    if person.status == AccountStatus.DELETED:
        raise Conflict("This account is deleted. It stays as it was.")
    refuse_by_provider(person, "password")
    if credential is Credential.LINK and not person.email:
        message = "The account has no email address to send a link to. Enter one first."
        raise Refused(message, fields={"credential": message})
    before = {"status": person.status, "password": _password_words(person)}
    if person.status == AccountStatus.LOCKED:
        _unlock(person)
    person.version += 1
    person.save(update_fields=["status", "locked_at", "version"])
    password = give_credential(person, credential, at=at)
    after = {"status": person.status, "password": _password_words(person)}
    _record(actor, "identity.reset", person, at, before=before, after=after)
    if credential is Credential.PASSWORD:
        lines = [f"{by_whom(actor)} reset the password of your account {person.username}."]
        tell_person(person, "Your password was reset", lines, at=at)
    return AccountCreated(person.pk, person.username, password)


@transaction.atomic
def delete_account(actor: Actor, person_id: int, version: int | None, *, at: datetime) -> str:
    """Delete an account; returns its username. The record of who it was stays (SSI-FR-60).

    Sessions, tokens and links end at once. Raises NotVisible, Stale, NotAllowed for one's own,
    Conflict for the last administrator who can act and for one that is deleted already.
    """
    person, organisation = held_account(actor, person_id, version)
    remove_account(actor, person, organisation, at=at)
    return person.username


def remove_account(
    actor: Actor, person: Person, organisation: Organisation, *, at: datetime
) -> None:
    """Delete an account that is held; see delete_account. Call inside its transaction."""
    if person.pk == actor.person_id:
        raise NotAllowed("Ask another administrator to delete your own account.")
    if AccountStatus.DELETED not in ACCOUNT_TRANSITIONS[AccountStatus(person.status)]:
        raise Conflict("This account is deleted already.")
    if administrators_of(organisation).filter(pk=person.pk).exists():
        _not_the_last(organisation, person)
    before = {
        "status": person.status,
        "roles": _words(roles_of(person)),
        "desk_roles": sorted(desk_of(person)),
    }
    person.status = Person.Status.DELETED
    person.set_unusable_password()
    person.version += 1
    person.save(update_fields=["status", "password", "version"])
    end_sessions_of(person.pk, at=at, by=actor)
    ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    AccountLink.objects.filter(person=person, ended_at=None).update(ended_at=at)
    note_decisions(
        ReviewDecision.objects.filter(person=person), Decision.REMOVED, actor.person_id, at=at
    )
    after = {"status": person.status}
    _record(actor, "identity.delete_account", person, at, before=before, after=after)
    lines = [f"{by_whom(actor)} deleted your account {person.username}. It opens nothing any more."]
    tell_person(person, "Your account was deleted", lines, at=at)


def held_account(actor: Actor, person_id: int, version: int | None) -> tuple[Person, Organisation]:
    """The person's row and that of the organisation, both held against other administrators.

    The organisation comes first: whoever takes rights away from administrators waits there, so
    that two cannot remove each other, and who lost the right while waiting changes nothing.
    Raises NotVisible, NotAllowed, Stale.
    """
    visible = Person.objects.filter(people_visible_to(actor), pk=person_id)
    organisation_id = visible.values_list("organisation_id", flat=True).first()
    if organisation_id is None:
        raise NotVisible()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    still_visible = Person.objects.filter(people_visible_to(present_rights(actor)), pk=person_id)
    person = still_visible.select_for_update(of=("self",)).first()
    if person is None:
        raise NotAllowed("Your right to do this was taken away meanwhile, so nothing was changed.")
    if version is not None and person.version != version:
        raise Stale()
    return person, organisation


def _administered(actor: Actor, organisation_id: int | None) -> Organisation:
    wanted = organisation_id or actor.organisation_id
    own = wanted == actor.organisation_id
    found = Organisation.objects.filter(pk=wanted)
    if not own:
        found = found.filter(kind=OrganisationKind.SERVICE_PROVIDER)
    organisation = found.first()
    if organisation is None or not administers(actor) or not (own or actor.is_operator):
        raise NotVisible()
    return organisation


def known_by_provider(actor: Actor, username: str) -> bool:
    """Whether an identity provider of the actor's organisation logs somebody in by this name."""
    visible = Person.objects.filter(people_visible_to(actor), by_provider=True)
    return visible.filter(username__iexact=username).exists()


def not_too_curious(actor: Actor, username: str, at: datetime) -> None:
    """Usernames are unique across organisations: whoever asks for many learns who has which.

    Names that the actor sees in their own list anyway do not count.
    """
    taken = Person.objects.filter(username__iexact=username)
    own = people_visible_to(actor) | Q(organisation_id=actor.organisation_id)
    if not taken.exclude(own).exists():
        return
    asked = counters.hit(f"usernames-taken:{actor.organisation_id}", _DAY, at=at)
    if asked.count > TAKEN_NAMES_A_DAY:
        raise TooMany(
            asked.seconds_left(at),
            "Too many of the usernames asked for today were taken. Begin them with a short name "
            "of your organisation, and try again tomorrow.",
        )


def _store(person: Person, given: AccountDetails, at: datetime) -> None:
    for name in _TEXTS:
        setattr(person, name, getattr(given, name))
    person.version += 1
    person.save(update_fields=[*_TEXTS, "version"])
    give_roles(person, given.roles, given.desk, at=at)


def _unlock(person: Person) -> None:
    person.status = Person.Status.ACTIVE
    person.locked_at = None
    forget_failures(person.username)


def _not_the_last(organisation: Organisation, person: Person) -> None:
    if not other_administrators(organisation, person.pk).exists():
        raise Conflict(
            "Nobody else administers these accounts with a password and second factor here. First "
            "make somebody else such an administrator, and let them log in. People whose role "
            "comes from an identity provider do not count: nobody could act when it fails."
        )


def _password_words(person: Person) -> str:
    if person.must_set_password:
        return "for one use" if person.has_usable_password() else "to be set by a link"
    return "the person's own"


def _words(roles: Collection[tuple[str, JobTypeRole]]) -> list[str]:
    return sorted(f"{role} on {eui}" for eui, role in roles)


def _change_words(name: str, before: Any, after: Any) -> str:
    label = name.replace("_", " ").capitalize()
    if isinstance(before, list):
        gone = [one for one in before if one not in after]
        come = [one for one in after if one not in before]
        parts = [f"given: {', '.join(come)}"] if come else []
        parts += [f"taken away: {', '.join(gone)}"] if gone else []
        return f"{label}, {'; '.join(parts)}"
    return f"{label}: {after or 'none'} (before: {before or 'none'})"


def _tell_of_new_administrator(
    actor: Actor | None, person: Person, organisation: Organisation, is_new: bool, at: datetime
) -> None:
    """No administrator comes to be without the others being told."""
    if is_new:
        lines = [
            f"{by_whom(actor)} made {person.display_name} ({person.username}) an administrator of "
            f"accounts of {organisation.name}. If that is not right, take the role away again."
        ]
        but = [person.pk] if actor is None else [person.pk, actor.person_id]
        tell_administrators(organisation, "There is a new administrator", lines, at=at, but=but)


def _tell_of_own_roles(
    actor: Actor, person: Person, organisation: Organisation, changes: list[str], at: datetime
) -> None:
    """Nobody changes their own rights silently."""
    lines = [f"{by_whom(actor)} changed the roles of their own account {person.username}:"]
    tell_administrators(
        organisation,
        "An administrator changed their own roles",
        lines + changes,
        at=at,
        but=[person.pk],
    )


def _record(actor: Actor, verb: str, person: Person, at: datetime, **detail: Any) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
        detail=detail,
    )

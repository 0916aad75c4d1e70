"""What the operator does to an organisation: onboarding, suspension, off-boarding (FSM-9)."""

from datetime import datetime

from django.db import transaction

from meterdesk.identity import actions as identity
from meterdesk.identity.actions import FirstAdministrator
from meterdesk.identity.queries import (
    grants_in_force,
    organisation_id_of,
    organisation_record,
    user_id_entries,
)
from meterdesk.identity.rules import Actor, OrganisationKind, Suspension, UserRole
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.organisations.access import require_operator, require_party
from meterdesk.organisations.actions.officers import end_offices
from meterdesk.organisations.actions.sharing import end_sharings_of
from meterdesk.organisations.actions.telling import note, tell_organisation
from meterdesk.organisations.rules import NAME_LONGEST, REASON_LONGEST


@transaction.atomic
def take_up(actor: Actor, name: str, kind: OrganisationKind, *, at: datetime) -> int:
    """Take an organisation up, the first step of its onboarding; returns its number.

    Raises NotAllowed; Refused, field name; Conflict, field name, when there is one of that name.
    """
    require_operator(actor)
    if kind is OrganisationKind.OPERATOR:
        raise Refused("There is one operator.", fields={"kind": "Choose another kind."})
    given = _name(name)
    organisation_id = identity.add_organisation(actor, given, kind, at=at)
    note(actor, organisation_id, "Taken up", at=at)
    return organisation_id


@transaction.atomic
def rename(actor: Actor, organisation_id: int, name: str, version: int, *, at: datetime) -> None:
    """Correct an organisation's name. Raises as `take_up` does, NotVisible, and Stale."""
    require_operator(actor)
    before = organisation_record(organisation_id).name
    given = _name(name, but=organisation_id)
    identity.rename_organisation(actor, organisation_id, given, version, at=at)
    note(actor, organisation_id, f"Renamed from {before} to {given}", at=at)


def _name(name: str, but: int | None = None) -> str:
    given = " ".join(name.split())
    if not given or len(given) > NAME_LONGEST:
        message = f"Enter the organisation's name, at most {NAME_LONGEST} characters."
        raise Refused(message, fields={"name": message})
    taken = organisation_id_of(given)
    if taken is not None and taken != but:
        message = f"There is an organisation called {given} already."
        raise Conflict(message, fields={"name": message})
    return given


@transaction.atomic
def give_user_id(
    actor: Actor, organisation_id: int, eui: str, role: UserRole, *, at: datetime
) -> str:
    """Give an organisation a UserId in a User Role; returns it in canonical form.

    Raises NotAllowed, NotVisible; Refused, field eui, when it is no EUI-64; Conflict, field eui,
    when it is taken, or the organisation is off-boarded or no SEC Party.
    """
    require_operator(actor)
    record = organisation_record(organisation_id)
    if record.kind is not OrganisationKind.PARTY or record.closed_at is not None:
        raise Conflict("Only a SEC Party that is not off-boarded has UserIds.")
    try:
        canonical = parse_eui(eui)
    except Refused as refused:
        raise Refused(refused.message, fields={"eui": refused.message}) from refused
    if canonical in user_id_entries([canonical]):
        message = f"The UserId {canonical} is taken already."
        raise Conflict(message, fields={"eui": message})
    identity.add_user_id(actor, canonical, organisation_id, role, at=at)
    note(actor, organisation_id, f"UserId {canonical} given, {role.title}", at=at)
    return canonical


@transaction.atomic
def suspend(
    actor: Actor,
    organisation_id: int,
    level: Suspension,
    reason: str,
    version: int,
    *,
    at: datetime,
) -> None:
    """Suspend an organisation or lift it; its administrators and officers are told by email.

    Raises what identity.actions.suspend_organisation does.
    """
    identity.suspend_organisation(actor, organisation_id, level, reason, version, at=at)
    done = _done("The organisation", level)
    note(actor, organisation_id, done, reason, at=at)
    tell_organisation(
        organisation_id, done, _letter(organisation_record(organisation_id).name, level, reason), at
    )


@transaction.atomic
def suspend_one_user_id(
    actor: Actor, eui: str, level: Suspension, reason: str, version: int, *, at: datetime
) -> None:
    """Suspend a UserId or lift it; told as `suspend` does.

    Raises what identity.actions.suspend_user_id does.
    """
    identity.suspend_user_id(actor, eui, level, reason, version, at=at)
    organisation_id = user_id_entries([eui])[eui].organisation_id
    done = _done(f"UserId {eui}", level)
    note(actor, organisation_id, done, reason, at=at)
    tell_organisation(organisation_id, done, _letter(f"the UserId {eui}", level, reason), at)


def _done(what: str, level: Suspension) -> str:
    return {
        Suspension.NONE: f"{what}: suspension lifted",
        Suspension.READ_ONLY: f"{what}: suspended to reading only",
        Suspension.NOTHING: f"{what}: suspended without access",
    }[level]


def _letter(what: str, level: Suspension, reason: str) -> str:
    means = {
        Suspension.NONE: f"The network's operator has lifted the suspension of {what}. "
        "Everything works as before.",
        Suspension.READ_ONLY: f"The network's operator has suspended {what} to reading only. "
        "Reading goes on; changes are refused.",
        Suspension.NOTHING: f"The network's operator has suspended {what}. "
        "It gives no access any more, in open sessions and to programs too.",
    }[level]
    because = f"\n\nReason: {reason.strip()}" if level is not Suspension.NONE else ""
    return f"{means}{because}\n\nQuestions: the operator's service desk."


@transaction.atomic
def off_board(
    actor: Actor, organisation_id: int, reason: str, version: int, *, at: datetime
) -> None:
    """End an organisation's accounts, tokens, sharings and officers; its record is kept.

    Raises Refused, field reason, when it is missing or too long, and what
    identity.actions.close_organisation does.
    """
    require_operator(actor)
    given = reason.strip()
    if not given or len(given) > REASON_LONGEST:
        message = f"Enter the reason, at most {REASON_LONGEST} characters."
        raise Refused(message, fields={"reason": message})
    name = organisation_record(organisation_id).name
    tell_organisation(organisation_id, "Your organisation is off-boarded", _farewell(name), at)
    end_sharings_of(actor, organisation_id, f"{name} is off-boarded", at=at)
    _end_grants(actor, organisation_id, name, at)
    ended = identity.close_organisation(actor, organisation_id, version, at=at)
    end_offices(actor, organisation_id, at=at)
    note(actor, organisation_id, f"Off-boarded, {ended} accounts ended", given, at=at)


def _end_grants(actor: Actor, organisation_id: int, name: str, at: datetime) -> None:
    others = set()
    for one in grants_in_force(at=at, organisation_id=organisation_id):
        identity.rescind_grant(actor, one.id, at=at)
        others |= {one.granting_organisation_id, one.granted_organisation_id}
    for other in sorted(others - {organisation_id}):
        body = (
            f"The network's operator has off-boarded {name}. Access to its information, and its "
            "access to yours, has ended."
        )
        tell_organisation(other, f"Sharing with {name} has ended", body, at)


def _farewell(name: str) -> str:
    return (
        f"The network's operator has off-boarded {name}. Its accounts, tokens and sharings are "
        "ended.\n\nQuestions: the operator's service desk."
    )


@transaction.atomic
def bring_back(actor: Actor, organisation_id: int, version: int, *, at: datetime) -> None:
    """Begin an off-boarded organisation's onboarding again; nothing that was ended comes back.

    Raises what identity.actions.reopen_organisation does.
    """
    identity.reopen_organisation(actor, organisation_id, version, at=at)
    note(actor, organisation_id, "Onboarding begun again", at=at)


@transaction.atomic
def make_first_administrator(
    actor: Actor, organisation_id: int, new: FirstAdministrator, *, at: datetime
) -> int:
    """Make an organisation's first administrator, who gets a set-up link by email (FSM-9).

    Returns the person's number. Raises what identity.actions.add_first_administrator does, and
    NotVisible for an organisation that is off-boarded.
    """
    require_operator(actor)
    require_party(organisation_id)
    person_id = identity.add_first_administrator(actor, organisation_id, new, at)
    note(actor, organisation_id, f"First administrator made: {new.username.strip()}", at=at)
    return person_id


@transaction.atomic
def send_link_again(actor: Actor, organisation_id: int, *, at: datetime) -> str:
    """Send a fresh set-up link to the administrator who has never logged in; returns where to.

    Raises what identity.actions.renew_first_administrator_link does.
    """
    require_operator(actor)
    address = identity.renew_first_administrator_link(actor, organisation_id, at)
    note(actor, organisation_id, "Set-up link of the first administrator sent again", at=at)
    return address

"""Second factors of one's own: added, renamed, removed; recovery codes made anew (FSM-5, 6)."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction

from meterdesk.identity.actions.authenticator import enrol_authenticator
from meterdesk.identity.actions.telling import tell_person
from meterdesk.identity.models import Person, SecondFactor
from meterdesk.identity.queries.factors import (
    kinds_held,
    policy_of_person,
    recovery_codes_left,
)
from meterdesk.identity.rules import (
    FACTOR_NAME_LONGEST,
    FACTORS_MOST,
    Actor,
    FactorKind,
    Totp,
)
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.platform import activity


@transaction.atomic
def add_app(actor: Actor, name: str, secret: str, code: str, *, at: datetime) -> None:
    """Add the authenticator app that shows this code.

    Raises Refused, field code, when it is wrong; what check_addition raises.
    """
    person = check_addition(actor, FactorKind.APP, name)
    counter = Totp(secret).counter_of(code, at)
    if counter is None:
        message = "That is not the code of this account. Wait for the next one and enter it."
        raise Refused(message, fields={"code": message})
    is_first = not kinds_held(person.pk)
    enrol_authenticator(person.pk, secret, at=at, counter=counter, name=name.strip())
    if not is_first:
        _tell(person, f"The authenticator app “{name.strip()}” was added.", at)


def check_addition(actor: Actor, kind: FactorKind, name: str) -> Person:
    """The actor's own row, locked, when a factor of this kind and name may be added.

    Raises Refused with the field it stands at.
    """
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    if kind not in policy_of_person(person.pk).allowed:
        raise Refused("Your organisation does not allow this kind. Choose another one.")
    if len(kinds_held(person.pk)) >= FACTORS_MOST:
        raise Refused(f"You have {FACTORS_MOST} already. Remove one first.")
    _check_name(person.pk, name)
    return person


def note_addition(actor: Actor, person: Person, kind: FactorKind, name: str, at: datetime) -> None:
    """Record a key that was added, tell its person, and give recovery codes if there are none."""
    is_first = len(kinds_held(person.pk)) == 1
    RecoveryCodes.activate(person)
    activity.record(
        actor=actor,
        verb="identity.add_factor",
        subject=person.username,
        at=at,
        detail={"before": None, "after": {"kind": kind.value, "name": name.strip()}},
    )
    if not is_first:
        _tell(person, f"The {kind.title.lower()} “{name.strip()}” was added.", at)


@transaction.atomic
def rename_factor(actor: Actor, factor_id: int, version: int, name: str, *, at: datetime) -> None:
    """Give one of the actor's factors another name. Raises NotVisible, Stale, Refused."""
    row = _own(actor, factor_id, version)
    if row.name == name.strip():
        return
    _check_name(actor.person_id, name, but=row.pk)
    before, row.name = row.name, name.strip()
    row.version += 1
    row.save(update_fields=["name", "version"])
    activity.record(
        actor=actor,
        verb="identity.rename_factor",
        subject=actor.username,
        at=at,
        detail={"before": before, "after": row.name},
    )


@transaction.atomic
def remove_factor(actor: Actor, factor_id: int, version: int, *, at: datetime) -> str:
    """Remove one of the actor's factors; returns its name.

    Raises NotVisible, Stale; Conflict for the last one that a log-in would take.
    """
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    row = _own(actor, factor_id, version)
    kind = FactorKind(row.kind)
    if not policy_of_person(person.pk).may_lose(kinds_held(person.pk), kind):
        raise Conflict(
            "This is the last second factor that you can log in with. Add another one first."
        )
    row.delete()
    if kind is FactorKind.APP:
        Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
    activity.record(
        actor=actor,
        verb="identity.remove_factor",
        subject=actor.username,
        at=at,
        detail={"before": {"kind": kind.value, "name": row.name}, "after": None},
    )
    _tell(person, f"The {kind.title.lower()} “{row.name}” was removed.", at)
    return row.name


@transaction.atomic
def renew_recovery_codes(actor: Actor, *, at: datetime) -> None:
    """Make fresh recovery codes, to be shown once; the ones before open nothing any more."""
    person = Person.objects.select_for_update().get(pk=actor.person_id)
    if not kinds_held(person.pk):
        raise Conflict("Recovery codes stand in for a second factor. Add one first.")
    before = recovery_codes_left(person.pk).left
    Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(person)
    activity.record(
        actor=actor,
        verb="identity.renew_recovery_codes",
        subject=person.username,
        at=at,
        detail={
            "before": {"unused": before},
            "after": {"unused": recovery_codes_left(person.pk).left, "made_anew": True},
        },
    )
    _tell(person, "Fresh recovery codes were made. The ones before no longer work.", at)


def _own(actor: Actor, factor_id: int, version: int) -> SecondFactor:
    row = (
        SecondFactor.objects.select_for_update()
        .filter(pk=factor_id, person_id=actor.person_id)
        .first()
    )
    if row is None:
        raise NotVisible()
    if row.version != version:
        raise Stale()
    return row


def _check_name(person_id: int, name: str, but: int = 0) -> None:
    given, message = name.strip(), ""
    if not given:
        message = "Enter a name that you know it by."
    elif len(given) > FACTOR_NAME_LONGEST:
        message = f"Enter a name of at most {FACTOR_NAME_LONGEST} characters."
    elif (
        SecondFactor.objects.filter(person_id=person_id, name__iexact=given)
        .exclude(pk=but)
        .exists()
    ):
        message = "You have one of this name already. Enter another name."
    if message:
        raise Refused(message, fields={"name": message})


def _tell(person: Person, what: str, at: datetime) -> None:
    tell_person(person, "A change to how you log in to Meterdesk", [what], at=at)

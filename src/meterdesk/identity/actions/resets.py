"""Lost second factors: reset by an administrator; for an administrator, by two people.

A reset removes every second factor and recovery code, ends the sessions, and gives a code that
the next log-in asks for after the password, once. Whoever knows the password alone gains nothing.
"""

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from meterdesk.identity.access import resets_visible_to, resettable_by
from meterdesk.identity.actions.authenticator import reset_digest
from meterdesk.identity.actions.credentials import refuse_by_provider
from meterdesk.identity.actions.sessions import end_sessions_of
from meterdesk.identity.actions.telling import (
    by_whom,
    tell_administrators,
    tell_operator,
    tell_person,
)
from meterdesk.identity.models import FactorReset, Person, SecondFactor
from meterdesk.identity.queries.administration import administrators_of
from meterdesk.identity.queries.factors import recovery_codes_left
from meterdesk.identity.queries.resets import administers_accounts
from meterdesk.identity.rules import RESET_OPEN, RESET_VERBS, Actor, ResetState
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.platform import activity

REASON_LONGEST = 300
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def request_reset(actor: Actor, person_id: int, reason: str, *, at: datetime) -> str | None:
    """Reset somebody's second factors, or ask a second administrator to agree.

    Returns the code to hand on, or None when somebody else has to agree first.

    Raises NotVisible for people the actor cannot reset, NotAllowed for oneself, Conflict when a
    request waits already or an identity provider logs the person in, Refused, field reason.
    """
    given = reason.strip()
    if not given or len(given) > REASON_LONGEST:
        message = f"Say in at most {REASON_LONGEST} characters why, and how you know who asks."
        raise Refused(message, fields={"reason": message})
    if person_id == actor.person_id:
        raise NotAllowed("Another administrator has to do this for you.")
    try:
        with transaction.atomic():
            return _request(actor, person_id, given, at)
    except IntegrityError as error:
        raise Conflict("A reset of this account waits for a second administrator.") from error


def _request(actor: Actor, person_id: int, reason: str, at: datetime) -> str | None:
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(resettable_by(actor), pk=person_id)
        .first()
    )
    if person is None:
        raise NotVisible()
    refuse_by_provider(person, "second factor")
    FactorReset.objects.filter(
        person=person, state=ResetState.REQUESTED, requested_at__lte=at - RESET_OPEN
    ).update(state=ResetState.WITHDRAWN, decided_at=at)
    reset = FactorReset.objects.create(
        person=person,
        needs_second=administers_accounts(person.pk),
        reason=reason,
        requested_by_id=actor.person_id,
        requested_at=at,
    )
    _record(actor, "identity.request_factor_reset", reset, at, None, reset.state)
    if not reset.needs_second:
        return _carry_out(actor, reset, at)
    who = by_whom(actor)
    tell_person(
        person,
        "Somebody asked to reset your second factors",
        [f"{who} asked for it: {reason}", "A second administrator has to agree first."],
        at=at,
    )
    subject = "A reset of second factors waits for a second administrator"
    lines = [
        f"{who} asked to reset those of {person.username}, {person.organisation}: {reason}",
        "Agree or refuse under People, Log-in security, within three days.",
    ]
    asked = [actor.person_id, person.pk]
    if administrators_of(person.organisation).exclude(pk__in=asked).exists():
        tell_administrators(person.organisation, subject, lines, at=at, but=asked)
    else:
        tell_operator(subject, lines, at=at)
    return None


@transaction.atomic
def decide_reset(actor: Actor, reset_id: int, verb: str, *, at: datetime) -> str | None:
    """Approve, refuse or withdraw a request; returns the code to hand on when it is approved.

    Raises NotVisible, NotAllowed when the actor asked for it or it is for the actor, Conflict
    when it was decided meanwhile or is too old.
    """
    if verb not in RESET_VERBS:
        raise NotVisible()
    reset = (
        FactorReset.objects.select_for_update(of=("self",))
        .filter(resets_visible_to(actor), pk=reset_id)
        .first()
    )
    if reset is None:
        raise NotVisible()
    required, after = RESET_VERBS[verb]
    if reset.state != required or at >= reset.requested_at + RESET_OPEN:
        raise Conflict("This request was decided meanwhile, or is older than three days.")
    asked_by_actor = reset.requested_by_id == actor.person_id
    if (verb == "withdraw") != asked_by_actor or reset.person_id == actor.person_id:
        raise NotAllowed("Two different administrators have to agree, neither of them for oneself.")
    if after is ResetState.DONE:
        Person.objects.select_for_update().get(pk=reset.person_id)
        return _carry_out(actor, reset, at)
    reset.state, reset.decided_at, reset.decided_by_id = after, at, actor.person_id
    reset.save(update_fields=["state", "decided_at", "decided_by"])
    _record(actor, f"identity.{verb}_factor_reset", reset, at, required, after)
    return None


@transaction.atomic
def reset_from_shell(username: str, reason: str, *, at: datetime) -> str:
    """Reset somebody's second factors from the operator's shell; returns the code to hand on.

    For the one case in which no second administrator is left at the operator itself: whoever has
    the machine has everything. Raises NotVisible for an unknown username.
    """
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(username__iexact=username, kind=Person.Kind.PERSON)
        .first()
    )
    if person is None:
        raise NotVisible(f"There is no account with the username {username}.")
    refuse_by_provider(person, "second factor")
    FactorReset.objects.filter(person=person, state=ResetState.REQUESTED).update(
        state=ResetState.WITHDRAWN, decided_at=at
    )
    reset = FactorReset.objects.create(person=person, reason=reason, requested_at=at)
    return _carry_out(None, reset, at)


def _carry_out(actor: Actor | None, reset: FactorReset, at: datetime) -> str:
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
    person = reset.person
    held = SecondFactor.objects.filter(person=person).order_by("pk")
    before = {
        "factors": [f"{one.name} ({one.kind})" for one in held],
        "recovery_codes_left": recovery_codes_left(person.pk).left,
    }
    held.delete()
    Authenticator.objects.filter(user=person).delete()
    FactorReset.objects.filter(person=person, code_used_at=None).exclude(code_digest="").update(
        code_expires_at=at
    )
    reset.state, reset.decided_at = ResetState.DONE, at
    reset.decided_by_id = actor.person_id if actor else None
    reset.code_digest, reset.code_expires_at = reset_digest(code), at + RESET_OPEN
    reset.save()
    end_sessions_of(person.pk, at=at, by=actor)
    nothing = {"factors": [], "recovery_codes_left": 0}
    _record(actor, "identity.reset_factors", reset, at, before, nothing)
    tell_person(
        person,
        "Your second factors were reset",
        [
            f"{by_whom(actor)} reset them: {reset.reason}",
            "You are logged out everywhere. The next log-in asks for your password and for a code "
            "that an administrator hands on to you, and then for a new second factor.",
        ],
        at=at,
    )
    return code


def _record(
    actor: Actor | None, verb: str, reset: FactorReset, at: datetime, before: object, after: object
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject=reset.person.username,
        at=at,
        organisation_id=reset.person.organisation_id,
        detail={
            "reset": reset.pk,
            "before": before,
            "after": after,
            "reason": reset.reason,
            "needs_second": reset.needs_second,
        },
    )

"""Logging in: password, then a second factor; or a passkey, which is both.

Whoever fails learns nothing from it: an unknown name, a wrong password and a locked account get
the same answer after the same work.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet

from meterdesk.identity.actions.attempts import ADDRESS_WINDOW, Attempt, LogInOver
from meterdesk.identity.actions.authenticator import accept_code
from meterdesk.identity.actions.keys import (
    Question,
    accept_key,
    ask_for_passkey,
    person_of_key,
)
from meterdesk.identity.actions.tokens import refuse_replaced
from meterdesk.identity.models import ApiToken, LogInSession, Person
from meterdesk.identity.queries.factors import asks_for_more
from meterdesk.identity.rules import PROOF_FRESH, Actor, Proof
from meterdesk.identity.rules.accounts import first_password_is_over
from meterdesk.kernel.errors import NotAllowed, Refused, TooMany
from meterdesk.platform import counters

QUESTIONS_MOST = 600
"""Questions for a passkey that one address may have asked in ten minutes."""


@dataclass(frozen=True, slots=True)
class PasswordAccepted:
    """Half-way through a log-in.

    Attributes:
        proof: changes with the password, so that an older log-in cannot be finished.
        needs_code: False at the first log-in, before a second factor is enrolled.
    """

    person_id: int
    proof: str
    needs_code: bool


def check_password(
    username: str, password: str, address: str, *, at: datetime
) -> PasswordAccepted | None:
    """Check name and password; None when they are wrong or the account may not log in.

    Each failure counts towards the lock of the account (FAILURES_BEFORE_LOCK) and the slow-down
    of the address. Raises TooMany when the address has failed too often.
    """
    name = username.strip()
    person = Person.objects.filter(username__iexact=name).first()
    attempt = Attempt(name, person, address, at)
    attempt.begin()
    right = _password_is(person, password)
    if not (right and person is not None and attempt.may_succeed and _may_log_in(person, at)):
        attempt.fail("password")
        return None
    needs_code = asks_for_more(person.pk)
    attempt.succeed(finished=not needs_code)
    return PasswordAccepted(person.pk, person.get_session_auth_hash(), needs_code)


def _may_log_in(person: Person, at: datetime) -> bool:
    is_over = first_password_is_over(
        must_set_password=person.must_set_password, expires_at=person.password_expires_at, at=at
    )
    return person.is_active and not is_over


def check_code(
    accepted: PasswordAccepted, code: str, address: str, *, at: datetime
) -> Proof | None:
    """Check the code of a log-in whose password was right; None when it may be tried again.

    Returns which kind of proof it was. Raises LogInOver, TooMany.
    """
    return _finish(
        accepted, address, at, "code", lambda: accept_code(accepted.person_id, code, at=at)
    )


def check_key(
    accepted: PasswordAccepted, ceremony: Any, response: str, address: str, *, at: datetime
) -> Proof | None:
    """Check what a security key answered after the password; None when it may be tried again.

    Args:
        ceremony: what keys.ask_for_key gave with the options, used up by the caller.
        response: the key's answer as JSON.

    Raises LogInOver, TooMany.
    """
    person_id = accepted.person_id
    return _finish(
        accepted, address, at, "key", lambda: accept_key(person_id, ceremony, response, at=at)
    )


def offer_passkey(address: str, *, at: datetime) -> Question:
    """Ask for a passkey before anybody is known. Each question is kept for ten minutes.

    Raises TooMany when an address asks again and again.
    """
    asked = counters.hit(f"passkey-asked:{counters.caller(address)}", ADDRESS_WINDOW, at=at)
    if asked.count > QUESTIONS_MOST:
        raise TooMany(asked.seconds_left(at))
    return ask_for_passkey()


def check_passkey(ceremony: Any, response: str, address: str, *, at: datetime) -> int | None:
    """Whose passkey this is, its holder verified by it: a whole log-in (FSM-5); None when not so.

    Raises TooMany.
    """
    person = person_of_key(response)
    attempt = Attempt(person.username if person else "unknown passkey", person, address, at)
    attempt.begin()
    with transaction.atomic():
        proof = None
        if person is not None and person.is_active and attempt.may_succeed:
            proof = accept_key(person.pk, ceremony, response, at=at, alone=True)
    if proof is None or person is None:
        attempt.fail("passkey")
        return None
    attempt.succeed(finished=True)
    return person.pk


def prove_again(
    actor: Actor,
    session_id: int,
    password: str | None,
    answer: tuple[str, Any],
    address: str,
    *,
    at: datetime,
) -> bool:
    """Give fresh proof in an open session, before what asks for it.

    Args:
        password: None for a passkey, which stands for both.
        answer: a code and None, or the key's answer and its ceremony.

    Raises LogInOver when the account was locked meanwhile, TooMany.
    """
    session = LogInSession.objects.filter(pk=session_id)
    return _prove(actor, session, password, answer, address, at)


def prove_with_token(
    actor: Actor, password: str, code: str, address: str, *, at: datetime
) -> datetime:
    """Give fresh proof for calls with the actor's token; returns until when it is good.

    Raises:
        NotAllowed: a service account, and whom an identity provider logs in, have nothing to
            prove themselves with here; the token's secret was replaced; the account was locked.
        Refused: field code, when password or code are not right.
        TooMany: too many failures from this address.
    """
    refuse_replaced(actor)
    owner = Person.objects.get(pk=actor.person_id)
    if owner.by_provider or owner.kind == Person.Kind.SERVICE:
        raise NotAllowed(
            "This account has no password and second factor in Meterdesk to prove itself with. "
            "What asks for fresh proof is done on screen.",
            code="nothing_to_prove",
        )
    token = ApiToken.objects.filter(pk=actor.token_id or 0, person_id=actor.person_id)
    try:
        proved = _prove(actor, token, password, (code, None), address, at)
    except LogInOver:
        raise NotAllowed("The account is locked. Ask another administrator.") from None
    if not proved:
        message = "That did not prove who you are. Check the password, and send the next code."
        raise Refused(message, code="wrong_proof", fields={"code": message})
    return at + PROOF_FRESH


def _prove(
    actor: Actor,
    kept_by: QuerySet[Any],
    password: str | None,
    answer: tuple[str, Any],
    address: str,
    at: datetime,
) -> bool:
    person = Person.objects.get(pk=actor.person_id)
    attempt = Attempt(person.username, person, address, at)
    attempt.begin()
    text, ceremony = answer
    known = password is None or _password_is(person, password)
    with transaction.atomic():
        proof = None
        if known and attempt.may_succeed and ceremony is not None:
            proof = accept_key(person.pk, ceremony, text, at=at, alone=password is None)
        elif known and attempt.may_succeed and password is not None:
            proof = accept_code(person.pk, text, at=at)
        if proof is not None:
            kept_by.update(proved_at=at)
    if proof is None and not attempt.fail("proof"):
        raise LogInOver
    if proof is not None:
        attempt.succeed(finished=True)
    return proof is not None


def _finish(
    accepted: PasswordAccepted, address: str, at: datetime, step: str, check: Any
) -> Proof | None:
    person = Person.objects.filter(pk=accepted.person_id, status=Person.Status.ACTIVE).first()
    if person is None or person.get_session_auth_hash() != accepted.proof:
        raise LogInOver
    attempt = Attempt(person.username, person, address, at)
    attempt.begin()
    with transaction.atomic():
        proof: Proof | None = check() if attempt.may_succeed else None
    if proof is not None:
        attempt.succeed(finished=True)
        return proof
    if attempt.fail(step):
        return None
    raise LogInOver


def _password_is(person: Person | None, password: str) -> bool:
    """The same work whether there is such an account or not."""
    if person is None or not person.has_usable_password():
        make_password(password)
        return False
    return person.check_password(password)

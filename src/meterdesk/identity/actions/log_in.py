"""Logging in: password, then code; lock-out and slow-down.

Whoever fails learns nothing from it: an unknown name, a wrong password and a locked account get
the same answer after the same work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from meterdesk.identity.actions.authenticator import accept_code
from meterdesk.identity.models import Person
from meterdesk.identity.rules import FAILURE_WINDOW, FAILURES_BEFORE_LOCK, Proof
from meterdesk.identity.rules.accounts import first_password_is_over
from meterdesk.kernel.errors import TooMany
from meterdesk.platform import activity, counters

ADDRESS_FAILURES = 30
ADDRESS_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PasswordAccepted:
    """Half-way through a log-in.

    Attributes:
        proof: changes with the password, so that an older log-in cannot be finished.
        needs_code: False at the first log-in, before an authenticator is enrolled.
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
    attempt = _Attempt(name, person, address, at)
    attempt.begin()
    if person is None or not person.has_usable_password():
        make_password(password)
        right = False
    else:
        right = person.check_password(password)
    if not (right and person is not None and attempt.may_succeed and _may_log_in(person, at)):
        attempt.fail("password")
        return None
    needs_code = Authenticator.objects.filter(user=person).exists()
    attempt.succeed(finished=not needs_code)
    return PasswordAccepted(person.pk, person.get_session_auth_hash(), needs_code)


def _may_log_in(person: Person, at: datetime) -> bool:
    is_over = first_password_is_over(
        must_set_password=person.must_set_password, expires_at=person.password_expires_at, at=at
    )
    return person.is_active and not is_over


class LogInOver(Exception):
    """The log-in must begin again: the account was locked, or its password changed."""


def check_code(
    accepted: PasswordAccepted, code: str, address: str, *, at: datetime
) -> Proof | None:
    """Check the code of a log-in whose password was right; None when it may be tried again.

    Returns which kind of proof it was. Raises LogInOver, TooMany.
    """
    person = _person_of(accepted)
    if person is None:
        raise LogInOver
    attempt = _Attempt(person.username, person, address, at)
    attempt.begin()
    with transaction.atomic():
        proof = accept_code(person.pk, code, at=at) if attempt.may_succeed else None
    if proof is not None:
        attempt.succeed(finished=True)
        return proof
    if attempt.fail("code"):
        return None
    raise LogInOver


def forget_failures(username: str) -> None:
    """Let an account's failures count from nothing."""
    counters.forget(_account_key(username))


def _person_of(accepted: PasswordAccepted) -> Person | None:
    person = Person.objects.filter(pk=accepted.person_id, status=Person.Status.ACTIVE).first()
    if person is None or person.get_session_auth_hash() != accepted.proof:
        return None
    return person


def _account_key(username: str) -> str:
    return f"log-in:{sha256(username.lower().encode()).hexdigest()}"


class _Attempt:
    """One try, counted before it is checked, so that many at once gain nothing."""

    def __init__(self, username: str, person: Person | None, address: str, at: datetime) -> None:
        self.username = username
        self.person = person
        self.at = at
        # By the account's own spelling: one account can be named in many ways (dotless i, long s).
        self.account_key = _account_key(person.username if person else username)
        self.address_key = f"log-in-address:{address}"
        self.failures = 0

    def begin(self) -> None:
        """Count the try. Raises TooMany for an address that failed too often."""
        here = counters.hit(self.address_key, ADDRESS_WINDOW, at=self.at)
        if here.count > ADDRESS_FAILURES:
            wait = here.seconds_left(self.at)
            minutes = -(-wait // 60)
            raise TooMany(
                wait,
                "There were too many failed log-ins from your address. "
                f"Try again in {minutes} minute{'' if minutes == 1 else 's'}.",
            )
        self.failures = counters.hit(self.account_key, FAILURE_WINDOW, at=self.at).count

    @property
    def may_succeed(self) -> bool:
        """Whether the tries before and beside this one leave room for it."""
        return self.failures <= FAILURES_BEFORE_LOCK

    def succeed(self, *, finished: bool) -> None:
        """It was right: it does not count; with a finished log-in the count begins afresh."""
        (counters.forget if finished else counters.give_back)(self.account_key)
        counters.give_back(self.address_key)

    def fail(self, step: str) -> bool:
        """Record the failure, lock the account when it is the last one allowed.

        Returns whether another try makes sense. The statements are the same whether the account
        exists or not.
        """
        last = self.failures >= FAILURES_BEFORE_LOCK
        with transaction.atomic():
            locked = (
                Person.objects.filter(username__iexact=self.username)
                .filter(status=Person.Status.ACTIVE if last else "")
                .update(status=Person.Status.LOCKED, locked_at=self.at, version=F("version") + 1)
            )
            activity.record(
                actor=None,
                verb="identity.lock" if locked else "identity.log_in_failed",
                subject=self.person.username if self.person else "unknown username",
                at=self.at,
                organisation_id=self.person.organisation_id if self.person else None,
                detail={"step": step, "failures": self.failures},
            )
        return not last

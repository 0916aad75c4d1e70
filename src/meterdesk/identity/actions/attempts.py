"""Tries at a log-in: counted, slowed down, and locked out when there are too many."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import F

from meterdesk.identity.models import Person
from meterdesk.identity.rules import FAILURE_WINDOW, FAILURES_BEFORE_LOCK
from meterdesk.kernel.errors import TooMany
from meterdesk.platform import activity, counters

ADDRESS_FAILURES = 30
ADDRESS_WINDOW = timedelta(minutes=10)


class LogInOver(Exception):
    """The log-in must begin again: the account was locked, or its password changed."""


def forget_failures(username: str) -> None:
    """Let an account's failures count from nothing."""
    counters.forget(_account_key(username))


def _account_key(username: str) -> str:
    return f"log-in:{sha256(username.lower().encode()).hexdigest()}"


class Attempt:
    """One try, counted before it is checked, so that many at once gain nothing."""

    def __init__(self, username: str, person: Person | None, address: str, at: datetime) -> None:
        self.username = username
        self.person = person
        self.at = at
        # By the account's own spelling: one account can be named in many ways (dotless i, long s).
        self.account_key = _account_key(person.username if person else username)
        self.address_key = f"log-in-address:{counters.caller(address)}"
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

        An account without a password, a program's or one that an identity provider vouches for,
        is not locked by guesses at it: anybody could stop it, and there is nothing to guess.

        Returns whether another try makes sense. The statements are the same whether the account
        exists or not.
        """
        last = self.failures >= FAILURES_BEFORE_LOCK
        named = Person.objects.filter(username__iexact=self.username)
        if step == "password":
            named = named.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        with transaction.atomic():
            locked = named.filter(status=Person.Status.ACTIVE if last else "").update(
                status=Person.Status.LOCKED, locked_at=self.at, version=F("version") + 1
            )
            activity.record(
                actor=None,
                verb="identity.lock" if locked else "identity.log_in_failed",
                subject=self.person.username if self.person else "unknown username",
                at=self.at,
                organisation_id=self.person.organisation_id if self.person else None,
                detail={"step": step, "failures": self.failures}
                | ({"before": "ACTIVE", "after": "LOCKED"} if locked else {}),
            )
        return not last

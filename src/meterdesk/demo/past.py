"""What the accounts of the demonstration have lived through: log-ins, a lock, a review begun."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from random import Random

from meterdesk.demo.people import ALDER, DemoPerson
from meterdesk.identity.actions import (
    check_password,
    confirm_accounts,
    note_log_in,
    set_account_rules,
    start_review,
)
from meterdesk.identity.queries import actor_named, person_id_of

ADMINISTRATOR = "alder.organisational-administrator"
DORMANT = "alder.asset-management-ordering"
LOCKED = "alder.sec-contract-manager"
NEVER = "alder.mi"
OPENED_BEFORE = timedelta(days=150)
_DAYS = 91


def live_through(people: Iterable[DemoPerson], *, at: datetime) -> None:
    """Let the accounts have a past, up to the evening before `at`."""
    chance = Random("log-ins")
    for person in people:
        number = person_id_of(person.username)
        if number is not None and not person.new and person.username != NEVER:
            _log_ins(number, person.username == DORMANT, chance, at)
    for _ in range(5):
        check_password(LOCKED, "not the password", "192.0.2.10", at=at - timedelta(hours=2))
    _review(at)


def _log_ins(person_id: int, is_dormant: bool, chance: Random, at: datetime) -> None:
    """On most working days of three months; on none of the last two of a dormant account."""
    eagerness = chance.uniform(0.3, 0.9)
    latest = 65 if is_dormant else 1
    for days in range(_DAYS, latest - 1, -1):
        day = (at - timedelta(days=days)).date()
        if day.weekday() < 5 and chance.random() < eagerness:
            for hour in (8, 13)[: chance.choice((1, 1, 2))]:
                moment = time(hour, chance.randrange(60), tzinfo=at.tzinfo)
                note_log_in(person_id, at=datetime.combine(day, moment))


def _review(at: datetime) -> None:
    """Alder pins its domain and is half-way through its review."""
    begun = at - timedelta(days=6)
    administrator = actor_named(ADMINISTRATOR)
    set_account_rules(administrator, [f"{ALDER.key}.example"], 60, 6, None, at=begun)
    number = start_review(administrator, at=begun)
    confirmed = [f"alder.{key}" for key in ("all-access", "lead-agent", "logistics", "security")]
    found = [person_id_of(username) for username in confirmed]
    confirm_accounts(administrator, number, [one for one in found if one], at=begun)

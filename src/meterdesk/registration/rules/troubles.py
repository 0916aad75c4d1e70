"""What can be wrong with a provider's data, and on whose side (IM-17, REG-3, REG-4)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from meterdesk.kernel.worktime import LONDON


class Cause(StrEnum):
    """What is wrong. The same cause with the same key is the same trouble."""

    LATE = "LATE"
    MISSING = "MISSING"
    OUT_OF_SEQUENCE = "OUT_OF_SEQUENCE"
    MALFORMED = "MALFORMED"
    COUNT_MISMATCH = "COUNT_MISMATCH"
    REJECTS = "REJECTS"
    STOPPED = "STOPPED"
    REFRESH_OVERDUE = "REFRESH_OVERDUE"
    MISALIGNED = "MISALIGNED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return CAUSE_WORDS[self]


CAUSE_WORDS = {
    Cause.LATE: "Late",
    Cause.MISSING: "Missing from the sequence",
    Cause.OUT_OF_SEQUENCE: "Sequence used twice",
    Cause.MALFORMED: "Malformed",
    Cause.COUNT_MISMATCH: "Count does not agree",
    Cause.REJECTS: "Records refused",
    Cause.STOPPED: "Taking in stopped",
    Cause.REFRESH_OVERDUE: "Refresh overdue",
    Cause.MISALIGNED: "Misaligned",
}


class Side(StrEnum):
    """Who has to put it right."""

    PROVIDER = "PROVIDER"
    OPERATOR = "OPERATOR"


def side_of(cause: Cause, *, providers_late: int = 1, providers: int = 1) -> Side:
    """Whose side a trouble is on (IM-17; domain: what is wrong at the provider's is its own).

    What stopped here is the operator's. So is lateness of every one of several providers at once:
    then it is more likely that nothing reaches Meterdesk.
    """
    if cause is Cause.STOPPED:
        return Side.OPERATOR
    if cause is Cause.LATE and providers > 1 and providers_late == providers:
        return Side.OPERATOR
    return Side.PROVIDER


@dataclass(frozen=True, slots=True)
class Report:
    """A trouble in words: a summary for lists and a text that says what to do."""

    cause: Cause
    key: str
    summary: str
    detail: str
    side: Side = Side.PROVIDER


class RefreshState(StrEnum):
    """Where a request for a refresh stands."""

    REQUESTED = "REQUESTED"
    ANSWERED = "ANSWERED"
    CANCELLED = "CANCELLED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return self.value.capitalize()


REFRESH_MOVES = {
    RefreshState.REQUESTED: frozenset({RefreshState.ANSWERED, RefreshState.CANCELLED}),
    RefreshState.ANSWERED: frozenset[RefreshState](),
    RefreshState.CANCELLED: frozenset[RefreshState](),
}
REFRESH_DAYS = 2
"""Calendar days, SEC2 response paragraph 91; counted to the end of the second day in London."""
REMIND_BEFORE = timedelta(hours=24)


def refresh_due(requested_at: datetime) -> datetime:
    """By when a refresh is due: the end of the second calendar day after the request."""
    day = requested_at.astimezone(LONDON).date() + timedelta(days=REFRESH_DAYS + 1)
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


class Master(StrEnum):
    """Whose version counts while a misalignment is open."""

    PROVIDER = "PROVIDER"
    OPERATOR = "OPERATOR"

    @property
    def word(self) -> str:
        """As shown to people."""
        return "the provider's" if self is Master.PROVIDER else "Meterdesk's"


class MisalignmentState(StrEnum):
    """Where a report of misaligned data stands."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return self.value.capitalize()


MISALIGNMENT_MOVES = {
    MisalignmentState.OPEN: frozenset({MisalignmentState.SETTLED}),
    MisalignmentState.SETTLED: frozenset[MisalignmentState](),
}

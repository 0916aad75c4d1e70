"""What states an incident has and who may take it from one to another: one table (IM-1, IM-13).

Buttons, the API, the check in the actions and docs/reference/incident-states.md all come from
TRANSITIONS. Every state change compares and sets on (id, state, version).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an incident stands."""

    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return STATE_WORDS[self]


STATE_WORDS = {
    State.NEW: "New",
    State.IN_PROGRESS: "In progress",
    State.ON_HOLD: "On hold",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
    State.CANCELLED: "Cancelled",
}
OPEN_STATES = frozenset({State.NEW, State.IN_PROGRESS, State.ON_HOLD})


class Part(StrEnum):
    """What a reader is to an incident; one may be several at once."""

    RAISER = "RAISER"
    RESPONSIBLE = "RESPONSIBLE"
    INTERESTED = "INTERESTED"
    OPERATOR = "OPERATOR"

    @property
    def word(self) -> str:
        """As shown to people."""
        return PART_WORDS[self]


PART_WORDS = {
    Part.RAISER: "the raiser",
    Part.RESPONSIBLE: "the responsible party",
    Part.INTERESTED: "an interested party",
    Part.OPERATOR: "the operator's desk",
}
DESK = frozenset({Part.OPERATOR})
WORKERS = frozenset({Part.OPERATOR, Part.RESPONSIBLE})
RAISER_OR_DESK = frozenset({Part.OPERATOR, Part.RAISER})


class Verb(StrEnum):
    """What can be done to an incident."""

    RESPOND = "respond"
    ASSIGN = "assign"
    CATEGORISE = "categorise"
    ALLOCATE = "allocate"
    HAND_BACK = "hand_back"
    HOLD = "hold"
    RESUME = "resume"
    REPLY = "reply"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    LINK_REPEAT = "link_repeat"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes:
        moves: from which states, and to which each of them leads; some lead to themselves.
        who: the parts any one of which may do it.
        done: what the history says afterwards.
        asks: what must be written down to do it: "" for nothing, else a label.
    """

    verb: Verb
    title: str
    moves: Mapping[State, State]
    who: frozenset[Part]
    done: str
    asks: str = ""


_STAY = {state: state for state in (State.NEW, State.IN_PROGRESS, State.ON_HOLD)}


def _to(target: State, *sources: State) -> dict[State, State]:
    return dict.fromkeys(sources, target)


_ROWS = (
    Transition(
        Verb.RESPOND, "Acknowledge", _to(State.IN_PROGRESS, State.NEW), WORKERS, "Acknowledged"
    ),
    Transition(
        Verb.ASSIGN,
        "Assign",
        {**_STAY, State.NEW: State.IN_PROGRESS},
        DESK,
        "Assigned",
    ),
    Transition(
        Verb.CATEGORISE,
        "Set category and priority",
        _STAY,
        DESK,
        "Category and priority set",
        "Reason",
    ),
    Transition(
        Verb.ALLOCATE, "Allocate responsibility", _STAY, DESK, "Responsibility allocated", "Reason"
    ),
    Transition(
        Verb.HAND_BACK,
        "Hand back to the operator",
        _STAY,
        frozenset({Part.RESPONSIBLE}),
        "Handed back to the operator",
        "Reason",
    ),
    Transition(
        Verb.HOLD,
        "Put on hold, waiting for the User",
        _to(State.ON_HOLD, State.NEW, State.IN_PROGRESS),
        WORKERS,
        "Put on hold, waiting for the User",
        "What the User is asked",
    ),
    Transition(Verb.RESUME, "Resume", _to(State.IN_PROGRESS, State.ON_HOLD), WORKERS, "Resumed"),
    Transition(
        Verb.REPLY,
        "Answer",
        _to(State.IN_PROGRESS, State.ON_HOLD),
        frozenset({Part.RAISER}),
        "Answered by the User",
    ),
    Transition(
        Verb.RESOLVE,
        "Resolve",
        _to(State.RESOLVED, *_STAY),
        WORKERS,
        "Resolved",
        "Resolution",
    ),
    Transition(Verb.CLOSE, "Close", _to(State.CLOSED, State.RESOLVED), RAISER_OR_DESK, "Closed"),
    Transition(
        Verb.REOPEN,
        "Reopen",
        _to(State.IN_PROGRESS, State.RESOLVED, State.CLOSED),
        RAISER_OR_DESK,
        "Reopened",
        "Reason",
    ),
    Transition(
        Verb.CANCEL, "Cancel", _to(State.CANCELLED, *_STAY), RAISER_OR_DESK, "Cancelled", "Reason"
    ),
    Transition(
        Verb.LINK_REPEAT,
        "Link as a repeat",
        {state: state for state in State},
        DESK,
        "Linked as a repeat",
        "Earlier incident",
    ),
)
TRANSITIONS = {row.verb: row for row in _ROWS}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which verbs are open: state, when it was resolved, and who is responsible."""

    state: State
    resolved_at: datetime | None
    operator_is_responsible: bool


def may_reopen(resolved_at: datetime | None, window: timedelta, now: datetime) -> bool:
    """Whether the time limit for reopening has not passed yet (IM-13)."""
    return resolved_at is not None and now <= resolved_at + window


def refusal(
    verb: Verb, parts: Iterable[Part], standing: Standing, window: timedelta, now: datetime
) -> str:
    """Why this cannot be done now, as a sentence; empty when it can."""
    row = TRANSITIONS[verb]
    if not row.who & set(parts):
        return f"Only {' or '.join(sorted(p.word for p in row.who))} can do this: {row.title}."
    if standing.state not in row.moves:
        return (
            f"This incident is {standing.state.word.lower()}, so this cannot be done: {row.title}."
        )
    if verb is Verb.REOPEN and not may_reopen(standing.resolved_at, window, now):
        days = window.days
        return (
            f"It was resolved more than {days} days ago and can no longer be reopened. "
            "Raise a new incident that refers to it."
        )
    if verb is Verb.HAND_BACK and standing.operator_is_responsible:
        return "The operator is responsible already."
    return ""


def open_verbs(
    parts: Iterable[Part], standing: Standing, window: timedelta, now: datetime
) -> tuple[Verb, ...]:
    """What these parts may do now, in the table's order; answering is done by an update."""
    held = frozenset(parts)
    return tuple(
        verb
        for verb in TRANSITIONS
        if verb is not Verb.REPLY and not refusal(verb, held, standing, window, now)
    )

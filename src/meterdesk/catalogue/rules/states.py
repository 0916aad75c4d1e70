"""What states a service request has and who may take it from one to another: one table.

Buttons, the API, the check in the action and docs/reference/request-states.md all come from
TRANSITIONS. Every step compares and sets on (id, state, version).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

REOPEN_WITHIN: Final = timedelta(days=10)
"""How long after its end a request can be reopened; provisional until the operator confirms it."""


class State(StrEnum):
    """Where a request stands: its delivery status (SSI-FR-53)."""

    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def word(self) -> str:
        """As shown to people."""
        return STATE_WORDS[self]

    @property
    def in_text(self) -> str:
        """As shown within a sentence."""
        return self.word[0].lower() + self.word[1:]


STATE_WORDS: Final = {
    State.NEW: "New",
    State.IN_PROGRESS: "In progress",
    State.WAITING: "Waiting for the User",
    State.COMPLETED: "Completed",
    State.REJECTED: "Rejected",
    State.WITHDRAWN: "Withdrawn",
}
OPEN_STATES: Final = frozenset({State.NEW, State.IN_PROGRESS, State.WAITING})


class Part(StrEnum):
    """What somebody is to a request: of the User that raised it, or of the operator's desk."""

    RAISER = "RAISER"
    OPERATOR = "OPERATOR"

    @property
    def word(self) -> str:
        """As shown to people."""
        return "The raiser" if self is Part.RAISER else "The operator's desk"


class Verb(StrEnum):
    """What can be done to a request."""

    TAKE = "take"
    ASK = "ask"
    ANSWER = "answer"
    COMMENT = "comment"
    NOTE = "note"
    COMPLETE = "complete"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes:
        moves: from which states, and to which each of them leads; some lead to themselves.
        who: the parts that may do it.
        done: what the history says afterwards.
        asks: what must be written down to do it: "" for nothing, else a label.
        of_dispute: title and history words where the request is the dispute of a datum.
    """

    verb: Verb
    title: str
    moves: Mapping[State, State]
    who: frozenset[Part]
    done: str
    asks: str = ""
    of_dispute: tuple[str, str] | None = None

    def titled(self, *, is_dispute: bool) -> str:
        """The words of its button."""
        return self.of_dispute[0] if self.of_dispute and is_dispute else self.title

    def told(self, *, is_dispute: bool) -> str:
        """What the history says."""
        return self.of_dispute[1] if self.of_dispute and is_dispute else self.done


def _to(target: State, *sources: State) -> dict[State, State]:
    return dict.fromkeys(sources, target)


_DESK: Final = frozenset({Part.OPERATOR})
_RAISER: Final = frozenset({Part.RAISER})
_BOTH: Final = _DESK | _RAISER
_WORKED_ON: Final = (State.NEW, State.IN_PROGRESS, State.WAITING)

_ROWS: Final = (
    Transition(Verb.TAKE, "Take on", _to(State.IN_PROGRESS, State.NEW), _DESK, "Taken on"),
    Transition(
        Verb.ASK,
        "Ask the User",
        _to(State.WAITING, State.NEW, State.IN_PROGRESS),
        _DESK,
        "The User was asked",
        "Question",
    ),
    Transition(
        Verb.ANSWER,
        "Answer",
        _to(State.IN_PROGRESS, State.WAITING),
        _RAISER,
        "Answered by the User",
        "Answer",
    ),
    Transition(
        Verb.COMMENT,
        "Write a comment",
        {state: state for state in _WORKED_ON},
        _BOTH,
        "Comment",
        "Comment",
    ),
    Transition(
        Verb.NOTE,
        "Write a work note",
        {state: state for state in State},
        _DESK,
        "Work note",
        "Work note",
    ),
    Transition(
        Verb.COMPLETE,
        "Complete",
        _to(State.COMPLETED, *_WORKED_ON),
        _DESK,
        "Completed",
        "What was done",
        ("Accept the dispute", "Dispute accepted"),
    ),
    Transition(
        Verb.REJECT,
        "Reject",
        _to(State.REJECTED, *_WORKED_ON),
        _DESK,
        "Rejected",
        "Reason",
        ("Reject the dispute", "Dispute rejected"),
    ),
    Transition(
        Verb.WITHDRAW,
        "Withdraw",
        _to(State.WITHDRAWN, *_WORKED_ON),
        _RAISER,
        "Withdrawn by the User",
        "Reason",
    ),
    Transition(
        Verb.REOPEN,
        "Reopen",
        _to(State.IN_PROGRESS, State.COMPLETED, State.REJECTED),
        _BOTH,
        "Reopened",
        "Reason",
    ),
)
TRANSITIONS: Final = {row.verb: row for row in _ROWS}


def refusal(
    verb: Verb, parts: Iterable[Part], state: State, ended_at: datetime | None, now: datetime
) -> str:
    """Why this cannot be done now, as a sentence; empty when it can."""
    row = TRANSITIONS[verb]
    if not row.who & set(parts):
        who = " or ".join(sorted(part.word.lower() for part in row.who))
        return f"Only {who} can do this: {row.title}."
    if state not in row.moves:
        return f"This request is {state.in_text}, so this cannot be done: {row.title}."
    if verb is Verb.REOPEN and (ended_at is None or now > ended_at + REOPEN_WITHIN):
        return (
            f"It ended more than {REOPEN_WITHIN.days} days ago and can no longer be reopened. "
            "Raise a new request that refers to it."
        )
    return ""


def open_verbs(
    parts: Iterable[Part], state: State, ended_at: datetime | None, now: datetime
) -> tuple[Verb, ...]:
    """What these parts may do now, in the table's order."""
    held = frozenset(parts)
    return tuple(verb for verb in TRANSITIONS if not refusal(verb, held, state, ended_at, now))

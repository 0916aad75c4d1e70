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


class DeliveryState(StrEnum):
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
    DeliveryState.NEW: "New",
    DeliveryState.IN_PROGRESS: "In progress",
    DeliveryState.WAITING: "Waiting for the User",
    DeliveryState.COMPLETED: "Completed",
    DeliveryState.REJECTED: "Rejected",
    DeliveryState.WITHDRAWN: "Withdrawn",
}
OPEN_STATES: Final = frozenset(
    {DeliveryState.NEW, DeliveryState.IN_PROGRESS, DeliveryState.WAITING}
)


class RequestPart(StrEnum):
    """What somebody is to a request: of the User that raised it, or of the operator's desk."""

    RAISER = "RAISER"
    OPERATOR = "OPERATOR"

    @property
    def word(self) -> str:
        """As shown to people."""
        return "The raiser" if self is RequestPart.RAISER else "The operator's desk"


class RequestVerb(StrEnum):
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

    verb: RequestVerb
    title: str
    moves: Mapping[DeliveryState, DeliveryState]
    who: frozenset[RequestPart]
    done: str
    asks: str = ""
    of_dispute: tuple[str, str] | None = None

    def titled(self, *, is_dispute: bool) -> str:
        """The words of its button."""
        return self.of_dispute[0] if self.of_dispute and is_dispute else self.title

    def told(self, *, is_dispute: bool) -> str:
        """What the history says."""
        return self.of_dispute[1] if self.of_dispute and is_dispute else self.done


def _to(target: DeliveryState, *sources: DeliveryState) -> dict[DeliveryState, DeliveryState]:
    return dict.fromkeys(sources, target)


_DESK: Final = frozenset({RequestPart.OPERATOR})
_RAISER: Final = frozenset({RequestPart.RAISER})
_BOTH: Final = _DESK | _RAISER
_WORKED_ON: Final = (DeliveryState.NEW, DeliveryState.IN_PROGRESS, DeliveryState.WAITING)

_ROWS: Final = (
    Transition(
        RequestVerb.TAKE,
        "Take on",
        {
            **_to(DeliveryState.IN_PROGRESS, DeliveryState.NEW, DeliveryState.IN_PROGRESS),
            DeliveryState.WAITING: DeliveryState.WAITING,
        },
        _DESK,
        "Taken on",
    ),
    Transition(
        RequestVerb.ASK,
        "Ask the User",
        _to(DeliveryState.WAITING, DeliveryState.NEW, DeliveryState.IN_PROGRESS),
        _DESK,
        "The User was asked",
        "Question",
    ),
    Transition(
        RequestVerb.ANSWER,
        "Answer",
        _to(DeliveryState.IN_PROGRESS, DeliveryState.WAITING),
        _RAISER,
        "Answered by the User",
        "Answer",
    ),
    Transition(
        RequestVerb.COMMENT,
        "Write a comment",
        {state: state for state in _WORKED_ON},
        _BOTH,
        "Comment",
        "Comment",
    ),
    Transition(
        RequestVerb.NOTE,
        "Write a work note",
        {state: state for state in DeliveryState},
        _DESK,
        "Work note",
        "Work note",
    ),
    Transition(
        RequestVerb.COMPLETE,
        "Complete",
        _to(DeliveryState.COMPLETED, *_WORKED_ON),
        _DESK,
        "Completed",
        "What was done",
        ("Accept the dispute", "Dispute accepted"),
    ),
    Transition(
        RequestVerb.REJECT,
        "Reject",
        _to(DeliveryState.REJECTED, *_WORKED_ON),
        _DESK,
        "Rejected",
        "Reason",
        ("Reject the dispute", "Dispute rejected"),
    ),
    Transition(
        RequestVerb.WITHDRAW,
        "Withdraw",
        _to(DeliveryState.WITHDRAWN, *_WORKED_ON),
        _RAISER,
        "Withdrawn by the User",
        "Reason",
    ),
    Transition(
        RequestVerb.REOPEN,
        "Reopen",
        _to(DeliveryState.IN_PROGRESS, DeliveryState.COMPLETED, DeliveryState.REJECTED),
        _BOTH,
        "Reopened",
        "Reason",
    ),
)
TRANSITIONS: Final = {row.verb: row for row in _ROWS}


def refusal(
    verb: RequestVerb,
    parts: Iterable[RequestPart],
    state: DeliveryState,
    ended_at: datetime | None,
    now: datetime,
) -> str:
    """Why this cannot be done now, as a sentence; empty when it can."""
    row = TRANSITIONS[verb]
    if not row.who & set(parts):
        who = " or ".join(sorted(part.word.lower() for part in row.who))
        return f"Only {who} can do this: {row.title}."
    if state not in row.moves:
        return f"This request is {state.in_text}, so this cannot be done: {row.title}."
    if verb is RequestVerb.REOPEN and (ended_at is None or now > ended_at + REOPEN_WITHIN):
        return (
            f"It ended more than {REOPEN_WITHIN.days} days ago and can no longer be reopened. "
            "Raise a new request that refers to it."
        )
    return ""


def open_verbs(
    parts: Iterable[RequestPart], state: DeliveryState, ended_at: datetime | None, now: datetime
) -> tuple[RequestVerb, ...]:
    """What these parts may do now, in the table's order."""
    held = frozenset(parts)
    return tuple(verb for verb in TRANSITIONS if not refusal(verb, held, state, ended_at, now))

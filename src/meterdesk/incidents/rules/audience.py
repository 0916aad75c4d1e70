"""To whom something on an incident is written, and who may write to whom (SSI-FR-30, 33)."""

from collections.abc import Iterable
from enum import StrEnum

from meterdesk.incidents.rules.states import Part


class Audience(StrEnum):
    """The type of an update or attachment."""

    ALL = "ALL"
    DESK = "DESK"
    RAISER = "RAISER"
    RESPONSIBLE = "RESPONSIBLE"
    WORK_NOTE = "WORK_NOTE"

    @property
    def word(self) -> str:
        """As shown to people."""
        return AUDIENCE_WORDS[self]


AUDIENCE_WORDS = {
    Audience.ALL: "To everyone working on it",
    Audience.DESK: "To the operator's desk",
    Audience.RAISER: "To the raiser",
    Audience.RESPONSIBLE: "To the responsible party",
    Audience.WORK_NOTE: "Internal work note",
}

_WRITES = {
    Part.RAISER: (Audience.ALL, Audience.DESK, Audience.RESPONSIBLE),
    Part.RESPONSIBLE: (Audience.ALL, Audience.RAISER, Audience.WORK_NOTE),
    Part.OPERATOR: (Audience.RAISER, Audience.RESPONSIBLE, Audience.ALL, Audience.WORK_NOTE),
}


def audiences_for(parts: Iterable[Part]) -> tuple[Audience, ...]:
    """The types of update that these parts may write, most usual first."""
    held = frozenset(parts)
    writer = next((p for p in (Part.OPERATOR, Part.RAISER, Part.RESPONSIBLE) if p in held), None)
    return () if writer is None else _WRITES[writer]


def may_read(audience: Audience, part: Part, *, own: bool, earlier: bool = False) -> bool:
    """Whether a reader, by the part that decides the view, reads what is written to an audience.

    Args:
        own: the reader's organisation wrote it in that same part.
        earlier: it was written before responsibility was allocated as it is now: what was for
            the responsible party then was for another.
    """
    match part:
        case Part.OPERATOR:
            return True
        case Part.RAISER:
            return audience is not Audience.WORK_NOTE
        case Part.RESPONSIBLE:
            to_it = audience is Audience.RESPONSIBLE and not earlier
            return own or to_it or audience is Audience.ALL
        case _:
            return False

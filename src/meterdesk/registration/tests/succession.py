"""How registrations of one meter point succeed each other, one row at a time, in plain Python.

The intake does the same to many meter points at once in SQL; test_succession.py holds it to this.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meterdesk.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Period:
    """Who is registered at one meter point from an instant to just before another.

    UserIds are EUI-64 text; `active_to` None: until the next period, or without end.
    """

    active_from: datetime
    active_to: datetime | None
    supplier: str
    network_party: str
    agent: str | None


class Overlaps(Refused):
    """A period with an end of its own that reaches into a later registration."""

    default_code = "overlaps"


def succeed(history: Sequence[Period], new: Period) -> list[Period] | None:
    """The history of a meter point once a row has been taken in; None when it changes nothing.

    A later start closes the period before it; the same start replaces; no given end means until
    the next start. So the same rows always lead to the same history, and taking them in again
    changes nothing.

    Args:
        history: periods in order of their start, none overlapping.
        new: the row.

    Raises:
        Overlaps: the row's own end lies after the start of a later registration.
    """
    place = bisect_left(history, new.active_from, key=lambda period: period.active_from)
    same = place < len(history) and history[place].active_from == new.active_from
    after = list(history[place + same :])
    following = after[0].active_from if after else None
    given = new.active_to
    ends = [instant for instant in (given, following) if instant is not None]
    period = replace(new, active_to=min(ends, default=None))
    if same and history[place] == period:
        return None
    if given is not None and following is not None and given > following:
        raise Overlaps(
            f"It ends after {following:%Y-%m-%d}, when a later registration begins. "
            "Leave effective_to empty or end it there."
        )
    before = list(history[:place])
    if before and (before[-1].active_to is None or before[-1].active_to > new.active_from):
        before[-1] = replace(before[-1], active_to=new.active_from)
    return [*before, period, *after]

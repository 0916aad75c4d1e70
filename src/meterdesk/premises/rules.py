"""The timeline of a premises: what happened, from every source, in one order. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Happening(StrEnum):
    """Kinds of things that happen; the value stands in the address of the page."""

    MESSAGE = "messages"
    ALERT = "alerts"
    STATUS = "statuses"
    INCIDENT = "incidents"

    @property
    def label(self) -> str:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Happening.MESSAGE: "Messages",
    Happening.ALERT: "Alerts",
    Happening.STATUS: "Status changes",
    Happening.INCIDENT: "Incidents",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        title: what, in a few words.
        tone: kind of mark: neutral, info, good, warn or bad.
        where: the Device it was about, in words; empty when it was the premises.
        detail: more about it.
        page: name of the address where it stands in full, `key` being what to look up there.
        times: how many of the same this stands for, `first_at` being the oldest of them.
    """

    kind: Happening
    at: datetime
    title: str
    tone: str = "neutral"
    where: str = ""
    detail: str = ""
    page: str = ""
    key: str = ""
    times: int = 1
    first_at: datetime | None = None

    @property
    def day(self) -> date:
        """The day on which it happened, in London."""
        return self.at.astimezone(LONDON).date()


def merge(events: Iterable[Event], limit: int) -> tuple[Event, ...]:
    """Events newest first, what went well the same way on the same day folded into one."""
    merged: list[Event] = []
    places: dict[tuple[date, str, str], int] = {}
    for event in sorted(events, key=lambda one: one.at, reverse=True):
        key = (event.day, event.title, event.where)
        place = places.get(key)
        if event.kind is Happening.MESSAGE and event.tone == "good" and place is not None:
            held = merged[place]
            merged[place] = replace(held, times=held.times + 1, first_at=event.at)
            continue
        if event.kind is Happening.MESSAGE and event.tone == "good":
            places[key] = len(merged)
        merged.append(event)
    return tuple(merged[:limit])

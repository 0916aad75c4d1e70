"""The timeline of a premises: what happened, from every source, in one order. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


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


def merge(events: Iterable[Event], limit: int, *, fold: bool = True) -> tuple[Event, ...]:
    """Events newest first; with `fold`, those that say the same stand as one.

    Messages fold over a run of the same outcome: as long as a service to a Device keeps failing
    with the same code, or keeps being answered, that is one event with how often and since when.
    Status changes of several Devices at one instant are one event.
    """
    ordered = sorted(events, key=lambda one: one.at, reverse=True)
    return tuple((_folded(ordered) if fold else ordered)[:limit])


def _folded(ordered: list[Event]) -> list[Event]:
    merged: list[Event] = []
    runs: dict[tuple[str, str], int] = {}
    for event in ordered:
        if event.kind is Happening.MESSAGE:
            place = runs.get((event.title, event.where))
            held = merged[place] if place is not None else None
            if place is not None and held is not None and _same_outcome(held, event):
                merged[place] = replace(held, times=held.times + 1, first_at=event.at)
                continue
            runs[event.title, event.where] = len(merged)
        elif event.kind is Happening.STATUS and merged and _together(merged[-1], event):
            last = merged[-1]
            merged[-1] = replace(last, where=f"{last.where}, {event.where.lower()}", page="")
            continue
        merged.append(event)
    return merged


def _same_outcome(held: Event, event: Event) -> bool:
    return (held.tone, held.detail) == (event.tone, event.detail)


def _together(held: Event, event: Event) -> bool:
    return (held.kind, held.title, held.at) == (event.kind, event.title, event.at)

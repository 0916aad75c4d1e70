"""A few days of before the three months online: archived, and asked for by a supplier."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from django.conf import settings

from meterdesk.demo.files import write_messages
from meterdesk.demo.homes import Home
from meterdesk.demo.messages import Source
from meterdesk.demo.people import ALDER
from meterdesk.identity.queries import actor_named
from meterdesk.platform.intake import run_intake
from meterdesk.trail.actions import archive_days, ask_archive, recall
from meterdesk.trail.queries import TrailSearch

ONLINE_DAYS: Final = 92
FIRST, LAST = timedelta(days=101), timedelta(days=95)
"""How long ago the days that are archived begin and end."""


@dataclass(slots=True)
class _Earlier(Source):
    """What a home's Devices said in those days."""

    def messages(self) -> Iterator[dict[str, Any]]:
        """The home's messages of those days alone."""
        begins = (self.now - (FIRST - LAST)).isoformat(timespec="milliseconds")
        return (one for one in Source.messages(self) if one["received_at"] >= begins)


def archive_some(homes: Iterable[Home], folder: Path, now: datetime, seed: int) -> int:
    """Take in, archive and recall those days of some homes; returns how many days were archived.

    Without an archive there is nothing to do. Run again, it changes nothing.
    """
    if not settings.TRAIL_ARCHIVE:
        return 0
    homes = list(homes)
    path = folder / "earlier.ndjson"
    write_messages(path, (_Earlier(home, Random(seed), now - LAST, [], 1.0) for home in homes))
    run_intake("trail", [path], started_by="demonstration")
    path.unlink()
    archived = archive_days(now.date(), ONLINE_DAYS, at=now)
    meter = next((one.device("ESME") for one in homes if _is_with(one, now)), None)
    if meter:
        manager = actor_named("alder.service-management")
        recall(ask_archive(manager, TrailSearch(meter.device_id), at=now), at=now)
    return archived


def _is_with(home: Home, now: datetime) -> bool:
    """Whether Alder supplied the home's electricity by a working meter at that time."""
    return (
        home.electricity == ALDER
        and home.previous_supplier is None
        and home.installed < (now - FIRST).date()
        and home.device("ESME") is not None
    )

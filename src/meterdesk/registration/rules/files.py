"""Files of Registration Data Providers: their parts, when they are due, what becomes of them.

The layout and the schedule are ours and provisional: the Registration Data Interface
Specification is not public (docs/reference/formats/registration-files.md).
Sources: REG-1, REG-4; SEC2 response, chapter 4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from meterdesk.kernel.worktime import LONDON, Calendar, england_and_wales, working_week


class Fuel(StrEnum):
    """What a provider speaks of: each fuel has an interface and a kind of file of its own."""

    ELECTRICITY = "ELECTRICITY"
    GAS = "GAS"

    @property
    def intake_kind(self) -> str:
        """The kind under which its files are taken in."""
        return f"registration-{self.value.lower()}"


class FileKind(StrEnum):
    """Whether a file says everything its provider holds or what changed."""

    FULL = "FULL"
    CHANGE = "CHANGE"


class FileState(StrEnum):
    """Where a file stands."""

    RECEIVING = "RECEIVING"
    HELD = "HELD"
    AWAITING = "AWAITING"
    APPLIED = "APPLIED"
    REPEATED = "REPEATED"
    REFUSED = "REFUSED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return FILE_STATE_WORDS[self]


FILE_STATE_WORDS = {
    FileState.RECEIVING: "Being received",
    FileState.HELD: "Held, out of order",
    FileState.AWAITING: "Waits for confirmation",
    FileState.APPLIED: "Applied",
    FileState.REPEATED: "Sent twice",
    FileState.REFUSED: "Refused",
}
MOVES: dict[FileState, frozenset[FileState]] = {
    FileState.RECEIVING: frozenset(
        {
            FileState.HELD,
            FileState.AWAITING,
            FileState.APPLIED,
            FileState.REPEATED,
            FileState.REFUSED,
        }
    ),
    FileState.HELD: frozenset({FileState.APPLIED, FileState.AWAITING, FileState.REFUSED}),
    FileState.AWAITING: frozenset({FileState.APPLIED, FileState.REFUSED}),
    FileState.APPLIED: frozenset(),
    FileState.REPEATED: frozenset(),
    FileState.REFUSED: frozenset(),
}
"""To which state a file may go from which; everything else is refused."""

LAYOUT = "1"
MOST_ENDED_SHARE = 0.05
"""The share of a provider's meter points that a full file may end without being asked about."""
FEW = 20
"""So many may be ended by a full file without being asked about, whatever their share."""
CODE = re.compile(r"[A-Z0-9]{2,12}")
_SEQUENCE = re.compile(r"[0-9]{1,9}")


class Malformed(ValueError):
    """A header or trailer that cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """Line 1 of a provider's file: `H|fuel|provider|kind|sequence|made at|layout|refresh`."""

    fuel: Fuel
    provider: str
    kind: FileKind
    sequence: int
    made_at: datetime
    refresh: int | None = None


@dataclass(frozen=True, slots=True)
class Trailer:
    """The last line: `T|provider|sequence|number of records`."""

    provider: str
    sequence: int
    records: int


def parse_header(text: str) -> Header:
    """Read the first line. Raises Malformed, with a sentence for the provider."""
    parts = [part.strip() for part in text.split("|")]
    if parts[0] != "H":
        raise Malformed("The first line is not a header: it does not begin with H.")
    if not 7 <= len(parts) <= 8:
        raise Malformed(f"The header has {len(parts)} parts; it has 7, or 8 with a refresh.")
    _mark, fuel, provider, kind, sequence, made_at, layout, *refresh = parts
    if layout != LAYOUT:
        raise Malformed(f"The header names layout {layout or 'none'}; this is layout {LAYOUT}.")
    if fuel.upper() not in set(Fuel):
        raise Malformed(f"The header names the fuel {fuel or 'none'}; it is ELECTRICITY or GAS.")
    if kind.upper() not in set(FileKind):
        raise Malformed(f"The header names the kind {kind or 'none'}; it is FULL or CHANGE.")
    if refresh and refresh[0] and not _SEQUENCE.fullmatch(refresh[0]):
        raise Malformed(f"The header names the refresh {refresh[0]}, which is not a number.")
    return Header(
        Fuel(fuel.upper()),
        _provider(provider),
        FileKind(kind.upper()),
        _sequence(sequence),
        _instant(made_at),
        int(refresh[0]) if refresh and refresh[0] else None,
    )


def parse_trailer(text: str) -> Trailer:
    """Read the last line. Raises Malformed."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 4:
        raise Malformed(f"The trailer has {len(parts)} parts; it has 4.")
    _mark, provider, sequence, records = parts
    if not _SEQUENCE.fullmatch(records):
        raise Malformed(f"The trailer's count is {records or 'empty'}, which is not a number.")
    return Trailer(_provider(provider), _sequence(sequence), int(records))


def _provider(text: str) -> str:
    code = text.upper()
    if not CODE.fullmatch(code):
        raise Malformed(f"The provider is {text or 'not named'}; it is 2 to 12 letters and digits.")
    return code


def _sequence(text: str) -> int:
    if not _SEQUENCE.fullmatch(text) or int(text) == 0:
        raise Malformed(f"The sequence is {text or 'empty'}; it is a number from 1 to 999999999.")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2010 <= at.year <= 2100:
        raise Malformed(f"The header was made at {text or 'no time'}; write 2026-04-01T05:00:00Z.")
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a file: where it goes, and when it is refused a code and a sentence."""

    state: FileState
    code: str = ""
    reason: str = ""


def judge(
    header: Header | None,
    trailer: Trailer | None,
    fault: str,
    records: int,
    *,
    next_sequence: int | None,
    taken_as: str | None,
    sha256: str,
) -> Verdict:
    """Decide what becomes of a file, by its frame and its place in the sequence alone.

    Args:
        header, trailer: as read, None where they could not be.
        fault: why the file cannot be read, or empty.
        records: how many there are.
        next_sequence: the one expected; None when nobody we know sent it.
        taken_as: digest of the file that has this sequence already, or None.
        sha256: digest of this file.
    """
    refused = FileState.REFUSED
    if next_sequence is None:
        reason = f"There is no active provider {header.provider}." if header else fault
        return Verdict(refused, "unknown_provider", reason)
    if fault or header is None or trailer is None:
        return Verdict(refused, "malformed", fault or "The file has no header or no trailer.")
    if trailer.records != records:
        counted = f"The trailer counts {trailer.records} records; there are {records}."
        return Verdict(refused, "count_mismatch", counted)
    return _by_sequence(header, next_sequence, taken_as, sha256)


def _by_sequence(header: Header, next_sequence: int, taken_as: str | None, sha256: str) -> Verdict:
    if taken_as == sha256:
        return Verdict(FileState.REPEATED, "repeated", "The same file has been received before.")
    if taken_as is not None or header.sequence < next_sequence:
        reason = f"Sequence {header.sequence} has been used; the next is {next_sequence}."
        return Verdict(FileState.REFUSED, "sequence_used", reason)
    if header.sequence > next_sequence and header.kind is FileKind.CHANGE:
        return Verdict(FileState.HELD, "held", f"Sequence {next_sequence} comes first.")
    return Verdict(FileState.APPLIED)


def needs_confirming(held: int, ended: int) -> bool:
    """Whether a full file is silent about so many meter points that a person is asked first."""
    return ended > FEW and ended > held * MOST_ENDED_SHARE


class DueDays(StrEnum):
    """On which days a provider's file is due."""

    WORKING_DAYS = "WORKING_DAYS"
    EVERY_DAY = "EVERY_DAY"

    @property
    def word(self) -> str:
        """As shown to people."""
        return "on working days" if self is DueDays.WORKING_DAYS else "every day"


@lru_cache(maxsize=8)
def _working_days(year: int) -> Calendar:
    closed = england_and_wales(range(year - 1, year + 2))
    return working_week("working days", time(9), time(17), closed=closed)


def is_due_day(days: DueDays, day: date) -> bool:
    """Whether a file is due on this date."""
    return days is DueDays.EVERY_DAY or bool(_working_days(day.year).hours_on(day))


def due_instants(
    days: DueDays, at: time, since: datetime, until: datetime
) -> Iterator[tuple[date, datetime]]:
    """The days on which a file was due after `since` and by `until`, with the instant of each."""
    day = since.astimezone(LONDON).date()
    while (due := datetime.combine(day, at, LONDON).astimezone(UTC)) <= until:
        if due > since and is_due_day(days, day):
            yield day, due
        day += timedelta(days=1)


def next_due(days: DueDays, at: time, after: datetime) -> datetime:
    """The next instant after `after` by which a file is due."""
    return next(due_instants(days, at, after, after + timedelta(days=30)))[1]

"""Intake of coverage, a CSV row a postcode or premises that differs from it; and of places."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from meterdesk.coverage.actions.maps import keep_places, summarise
from meterdesk.coverage.actions.versions import (
    FACTS,
    begin_version,
    finish_version,
    load_rows,
    values_of,
)
from meterdesk.coverage.rules import COLUMNS, parse_row, property_key
from meterdesk.coverage.rules.maps import PLACE_COLUMNS, parse_place
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv
from meterdesk.platform.intake.kinds import Record

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_NAMES = ", ".join(("postcode", "property_key", *FACTS))
_STAGE = f"""
    CREATE TEMP TABLE coverage_in AS
        SELECT {_NAMES} FROM coverage_coveragerow WITH NO DATA
"""  # noqa: S608  the names are this module's own
_APPLY = f"""
    INSERT INTO coverage_coveragerow AS held ({_NAMES}, source_run)
        SELECT {_NAMES}, %s FROM coverage_in
    ON CONFLICT (postcode, property_key) DO UPDATE
        SET ({", ".join(FACTS)}, source_run)
            = ({", ".join(f"excluded.{name}" for name in (*FACTS, "source_run"))})
        WHERE ({", ".join(f"held.{name}" for name in FACTS)})
            IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in FACTS)})
"""  # noqa: S608


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    return read_csv(source, COLUMNS, parse_row)


def _apply(batch: Batch) -> Outcome:
    """Write what is new or different; of two rows about one place in a batch the later counts."""
    latest, repeated, refused = _latest(
        [((one.postcode, property_key(one.property_name)), one.place, line, one)
         for line, one in batch.records]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY coverage_in ({_NAMES}) FROM STDIN") as copy:
            for key, coverage in latest.items():
                copy.write_row((*key, *values_of(coverage)))
        cursor.execute(_APPLY, [batch.run_id or None])
        accepted = cursor.rowcount
        cursor.execute("DROP TABLE coverage_in")
    if accepted:
        summarise({postcode.split(" ")[0] for postcode, _key in latest})
    return Outcome(accepted, len(latest) - accepted + repeated, refused)


def _latest(
    said: list[tuple[Key, str, int, Value]],
) -> tuple[dict[Key, Value], int, list[Refusal]]:
    """What counts of (key, place in words, line, value): the latest; how often one was repeated;
    and the refusals of those that were contradicted later."""
    latest: dict[Key, tuple[int, Value]] = {}
    repeated, refused = 0, []
    for key, place, line, value in said:
        earlier = latest.get(key)
        if earlier is not None and earlier[1] == value:
            repeated += 1
            continue
        if earlier is not None:
            reason = f"Line {line} says otherwise about {place}; the later line counts."
            refused.append(Refusal(earlier[0], "said_again", reason, place))
        latest[key] = (line, value)
    return {key: value for key, (_line, value) in latest.items()}, repeated, refused


def _read_places(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    return read_csv(source, PLACE_COLUMNS, parse_place)


def _apply_places(batch: Batch) -> Outcome:
    latest, repeated, refused = _latest(
        [(place.code, place.code, line, place) for line, place in batch.records]
    )
    accepted = keep_places(list(latest.values()))
    return Outcome(accepted, len(latest) - accepted + repeated, refused)


@dataclass(slots=True)
class _Load:
    """A version while it is read; `number` 0 until its record is made."""

    name: str
    number: int = 0


def _read_whole(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    load, number = _Load(source.name), 1
    for item in read_csv(source, COLUMNS, parse_row):
        if isinstance(item, Refusal):
            number = item.line
            yield number, (load, item)
        else:
            number = item[0]
            yield number, (load, item[1])
    yield number, (load, None)


def _apply_whole(batch: Batch) -> Outcome:
    """Keep rows beside what counts; the end of a file makes the version ready to be switched."""
    outcome, at = Outcome(), timezone.now()
    for _load, group in groupby(batch.records, key=lambda record: id(record[1][0])):
        items = list(group)
        load: _Load = items[0][1][0]
        load.number = load.number or begin_version(load.name, run_id=batch.run_id or None, at=at)
        rows, wrong = [], []
        for line, (_same, content) in items:
            if isinstance(content, Refusal):
                wrong.append(replace(content, line=line))
            elif content is not None:
                rows.append((line, content))
        again = load_rows(load.number, rows, len(wrong), at=at)
        outcome.accepted += len(rows) - len(again)
        outcome.refused += wrong
        outcome.refused += [
            Refusal(line, "said_again", "An earlier line speaks of this place; that one counts.")
            for line in sorted(again)
        ]
        if items[-1][1][1] is None:
            done = finish_version(load.number, at=at)
            outcome.noted[f"Version {done.pk} is {done.state.lower()}; places in it"] += done.rows
    return outcome


COVERAGE = Intake("coverage", "SM WAN coverage", _read, _apply, batch_size=20_000)
WHOLE_COVERAGE = Intake(
    "coverage-whole", "SM WAN coverage, whole country", _read_whole, _apply_whole, batch_size=20_000
)
PLACES = Intake("places", "Where postcodes are", _read_places, _apply_places, batch_size=20_000)

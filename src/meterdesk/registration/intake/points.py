"""The registration file: one row says who is registered at a meter point from a date (REG-1)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import connection

from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv
from meterdesk.platform.intake.kinds import Record
from meterdesk.registration.actions.merging import (
    fill_incoming,
    merge_incoming,
    open_incoming,
)
from meterdesk.registration.intake.rows import COLUMNS, DOUBTFUL, reader
from meterdesk.registration.rules.rows import Row, is_doubtful


def read(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    """Rows of a file."""
    return read_csv(source, COLUMNS, reader())


def apply(batch: Batch) -> Outcome:
    """Merge rows; of two about the same meter point and date in a batch the later line counts."""
    outcome = Outcome()
    latest: dict[tuple[str, datetime], tuple[int, Row]] = {}
    for line, row in batch.records:
        key = (row.mpxn, row.active_from)
        if (earlier := latest.get(key)) is not None:
            if earlier[1] == row:
                outcome.unchanged += 1
                continue
            outcome.accepted += 1
        latest[key] = (line, row)
        if is_doubtful(row):
            outcome.noted[DOUBTFUL] += 1
    with connection.cursor() as cursor:
        open_incoming(cursor)
        fill_incoming(cursor, ((line, *row) for line, row in latest.values()))
        merged = merge_incoming(cursor, run_id=batch.run_id or None)
    outcome.accepted += merged.accepted
    outcome.unchanged += merged.unchanged
    for one in merged.refused:
        outcome.refused.append(Refusal(one.line, one.code, one.reason, one.mpxn))
    return outcome


POINTS = Intake(
    kind="registration", title="Registration", read=read, apply=apply, batch_size=20_000
)

"""Rows copied out of the database as CSV, as they are read: length costs no memory."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

import psycopg
from django.db import connection, transaction

from meterdesk.kernel.formats import csv_lines

TIMEOUT: Final = "30min"
_BLOCK: Final = 1 << 16


def safe(column: str) -> str:
    """SQL of a text that a spreadsheet does not take for a formula, as kernel.formats writes it."""
    return (
        f"case when {column} ~ '^[-=+@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20]'"
        f" then '''' || {column} else {column} end"
    )


def eui(column: str) -> str:
    """SQL of a Device ID or UserId as text."""
    return f"regexp_replace(upper(lpad(to_hex({column}), 16, '0')), '(..)(?=.)', '\\1-', 'g')"


def instant(column: str) -> str:
    """SQL of an instant as ISO text in UTC."""
    return f"""to_char({column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


def copied_file(
    columns: Mapping[str, str], rows: str, values: Mapping[str, Any]
) -> Iterator[bytes]:
    """A CSV file with heads, in blocks.

    Iterate in one thread and to its end, or close it: the connection is its until then.

    Args:
        columns: SQL of each column by its head.
        rows: SQL behind `from`; empty: the heads alone.
        values: of its parameters.
    """
    yield "".join(csv_lines(list(columns), (), bom=True)).encode()
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = '{TIMEOUT}'")
        raw = connection.connection
        with closing(psycopg.ClientCursor(raw)) as client:
            chosen = client.mogrify(f"select {', '.join(columns.values())} from {rows}", values)  # noqa: S608  constants only
        with raw.cursor() as plain, plain.copy(f"copy ({chosen}) to stdout (format csv)") as copy:
            yield from _blocks(copy)


def _blocks(copy: Any) -> Iterator[bytes]:
    held = bytearray()
    for data in copy:
        held += data
        if len(held) >= _BLOCK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)

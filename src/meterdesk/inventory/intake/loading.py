"""A whole network's Devices at once, into an inventory that holds none.

Records beyond doubt are copied into bare tables. Once all are in, the indexes are made, and what
records may not say together is looked for with their help. Every other record is taken in the
ordinary way after that, with its ordinary answer. All of it is one transaction: stopped at any
time, nothing happened. docs/explanation/inventory.md says more.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from meterdesk.inventory.actions import take_turns
from meterdesk.inventory.intake.blocks import read_blocks
from meterdesk.inventory.intake.columns import (
    ASSOCIATION_COLUMNS,
    CHANGE_COLUMNS,
    DEVICE_COLUMNS,
    NAMES,
    Packer,
    Rows,
)
from meterdesk.inventory.intake.fields import is_ndjson
from meterdesk.inventory.intake.packing import BEGIN, END, packed
from meterdesk.inventory.intake.parsing import parse_device
from meterdesk.inventory.rules import IN_USE
from meterdesk.kernel.errors import Conflict
from meterdesk.platform.intake import (
    Load,
    Refusal,
    Source,
    drop_indexes,
    make_indexes,
    read_csv,
    read_ndjson,
)

REQUIRED: Final = ("device_id", "device_type")
INDEX_MEMORY: Final = "1GB"
_AHEAD: Final = 2
"""Blocks made ready while the database takes in another."""
_LIMITS: Final = """
set local statement_timeout = 0; set local lock_timeout = 0;
set local work_mem = '256MB'; set local max_parallel_workers_per_gather = 0
"""
"""Groups are counted by one process: several would each sort nearly all of them."""
_TABLES: Final = {
    "inventory_device": DEVICE_COLUMNS,
    "inventory_devicestatuschange": CHANGE_COLUMNS,
    "inventory_deviceassociation": ASSOCIATION_COLUMNS,
}
_HELD: Final = " or ".join(f"exists (select from {table})" for table in _TABLES)
_EMPTY: Final = f"truncate {', '.join(_TABLES)}"
"""Of nothing: it locks the tables, and rows copied into tables made afresh need no second look."""

_USED: Final = [status.value for status in IN_USE]
_REPEATED: Final = "select device_id from inventory_device group by 1 having count(*) > 1"
"""Devices about which several records speak."""

# Devices that share a meter point, or that name two hubs.
_AT_ODDS: Final = """
select unnest(array_agg(device_id)) as device_id from inventory_device
 where import_mpxn is not null and device_type in ('ESME', 'GSME') and status = any(%s)
 group by import_mpxn, device_type having count(*) > 1
union
select a.device_id from inventory_deviceassociation a
  join (select device_id from inventory_deviceassociation group by 1 having count(*) > 1) several
    using (device_id)
  join inventory_device hub on hub.device_id = a.associated_id
   and hub.device_type = 'CHF' and hub.status = 'Commissioned'
 group by 1 having count(distinct a.associated_id) > 1
"""


def load(given: Load) -> Iterator[tuple[int, Any] | Refusal]:
    """Load files and yield what is left of them. Raises Conflict when there are Devices."""
    take_turns()
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS)
        cursor.execute(f"select {_HELD}")
        if cursor.fetchone()[0]:
            raise Conflict(
                "The inventory has Devices already. An initial load needs an empty one; take the "
                "files in with `meterdesk intake inventory`.",
                code="not_empty",
            )
        cursor.execute(_EMPTY)
        indexes = drop_indexes(cursor, list(_TABLES))
        left = _copy_all(cursor, given)
        try:
            # Quickest where no Device is named twice, as it should be.
            with transaction.atomic():
                make_indexes(cursor, indexes, INDEX_MEMORY)
            left |= _take_out(cursor, given, _AT_ODDS)
        except IntegrityError:
            left |= _take_out(cursor, given, f"{_REPEATED} union {_AT_ODDS}")
            make_indexes(cursor, indexes, INDEX_MEMORY)
        cursor.execute(f"analyze {', '.join(_TABLES)}")
    for source, before in given.files:
        yield from _read_lines(source, before, left)


def _copy_all(cursor: Any, given: Load) -> set[int]:
    """Copy every record beyond doubt; returns the lines of the others."""
    packer, left = Packer(packed(timezone.now()) + packed(given.run_id)), set[int]()
    for made in _made_ahead(given, packer):
        for (table, columns), rows in zip(
            _TABLES.items(), (made.devices, made.changes, made.associations), strict=True
        ):
            _copy(cursor, f"{table} ({', '.join(columns)})", rows)
        left.update(made.left)
        given.taken(made.lines, made.count)
    return left


def _made_ahead(given: Load, packer: Packer) -> Iterator[Rows]:
    """The rows of every block, made beside whoever copies them."""
    blocks = (
        (block, before)
        for source, before in given.files
        for block in read_blocks(source, REQUIRED, NAMES)
    )
    with ThreadPoolExecutor(1) as beside:
        waiting: deque[Future[Rows | None]] = deque()

        def make() -> Rows | None:
            found = next(blocks, None)
            return packer.rows(*found) if found else None

        waiting.extend(beside.submit(make) for _ in range(_AHEAD))
        while (made := waiting.popleft().result()) is not None:
            waiting.append(beside.submit(make))
            yield made


def _copy(cursor: Any, into: str, rows: Any) -> None:
    with cursor.copy(f"copy {into} from stdin (format binary, freeze)") as copy:
        for part in (BEGIN, rows, END):
            copy.write(part)


def _take_out(cursor: Any, given: Load, doubtful: str) -> set[int]:
    """Take out the Devices that a statement finds; returns the lines that spoke of them."""
    cursor.execute("drop table if exists in_doubt")
    cursor.execute(f"create temporary table in_doubt on commit drop as {doubtful}", [_USED])
    cursor.execute("analyze in_doubt")
    cursor.execute("select exists (select from in_doubt)")
    if not cursor.fetchone()[0]:
        return set()
    lines: set[int] = set()
    for table in _TABLES:
        line = "source_line" if table == "inventory_device" else "0"
        cursor.execute(
            f"delete from {table} using in_doubt where {table}.device_id = in_doubt.device_id"  # noqa: S608  constants only
            f" returning {line}"
        )
        lines.update(line for (line,) in cursor.fetchall())
    lines.discard(0)
    given.taken(0, -len(lines))
    return lines


def _read_lines(
    source: Source, before: int, lines: set[int]
) -> Iterator[tuple[int, Any] | Refusal]:
    """The records of these lines of the run, read as they always are."""
    only = {line - before for line in lines if line > before}
    if not only:
        return
    items = (
        read_ndjson(source, parse_device, only)
        if is_ndjson(source)
        else read_csv(source, REQUIRED, parse_device, only)
    )
    for item in items:
        if isinstance(item, Refusal):
            yield replace(item, line=before + item.line)
        else:
            yield before + item[0], item[1]

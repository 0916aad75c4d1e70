"""Intake of the CSPs' data of Communications Hubs: one CSV row a hub."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import partial

from django.db import connection
from django.utils import timezone

from meterdesk.hubs.rules import COLUMNS, HubData, parse_row
from meterdesk.inventory.actions import connect_hubs
from meterdesk.kernel.identifiers import eui_to_int
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv
from meterdesk.platform.intake.kinds import Record

_NAMES = tuple(field.name for field in fields(HubData))
COMMISSIONED = "Hubs commissioned by their first connection to the SM WAN"
_FACTS = _NAMES[1:]
_LIST = ", ".join(_NAMES)
_WRITTEN = (*_FACTS, "source_run", "source_line")
_STAGE = f"""
    CREATE TEMP TABLE hubs_in AS
        SELECT {_LIST}, 0::bigint AS line FROM hubs_hubrecord WITH NO DATA
"""  # noqa: S608  the names are this module's own
# Each is looked up by the index: a join would read the hubs of the country for a batch.
_OLDER = """
    DELETE FROM hubs_in WHERE as_of <
        (SELECT held.as_of FROM hubs_hubrecord held WHERE held.device_id = hubs_in.device_id)
    RETURNING line
"""
_APPLY = f"""
    INSERT INTO hubs_hubrecord AS held ({_LIST}, source_run, source_line)
        SELECT {_LIST}, %s, line FROM hubs_in
    ON CONFLICT (device_id) DO UPDATE
        SET ({", ".join(_WRITTEN)}) = ({", ".join(f"excluded.{name}" for name in _WRITTEN)})
        WHERE ({", ".join(f"held.{name}" for name in _FACTS)})
            IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _FACTS)})
"""  # noqa: S608


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    return read_csv(source, COLUMNS, partial(parse_row, now=timezone.now()))


def _apply(batch: Batch) -> Outcome:
    """Write what is newer than what is held; of several rows of one hub the newest counts."""
    latest: dict[str, tuple[int, HubData]] = {}
    refused, repeated = [], 0
    for line, data in batch.records:
        other = latest.get(data.device_id)
        if other is not None and other[1] == data:
            repeated += 1
        elif other is not None and other[1].as_of > data.as_of:
            refused.append(_older(line, data, f"line {other[0]}"))
        else:
            if other is not None:
                refused.append(_older(other[0], other[1], f"line {line}"))
            latest[data.device_id] = (line, data)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY hubs_in ({_LIST}, line) FROM STDIN") as copy:
            for line, data in latest.values():
                copy.write_row((*_values(data), line))
        cursor.execute(_OLDER)
        by_line = {line: data for line, data in latest.values()}
        older = [(line, by_line[line]) for (line,) in cursor.fetchall()]
        refused += [_older(line, data, "what is held") for line, data in older]
        cursor.execute(_APPLY, [batch.run_id or None])
        accepted = cursor.rowcount
        cursor.execute("DROP TABLE hubs_in")
    outcome = Outcome(accepted, len(latest) - len(older) - accepted + repeated, refused)
    passed_over = {line for line, _data in older}
    told = (one for one in latest.values() if one[0] not in passed_over)
    if commissioned := _connect(told, batch.run_id or None):
        outcome.noted[COMMISSIONED] += commissioned
    return outcome


def _connect(told: Iterable[tuple[int, HubData]], run_id: int | None) -> int:
    """Commission hubs that first connected to the SM WAN, by their birth event (INV-4)."""
    born = {
        data.device_id: (data.birth_event_at, line)
        for line, data in told
        if data.birth_event_at is not None and data.birth_event_at <= data.as_of
    }
    return connect_hubs(born, run_id, at=timezone.now())


def _older(line: int, data: HubData, newer: str) -> Refusal:
    reason = f"This row is as of {data.as_of:%Y-%m-%d %H:%M} UTC; {newer} says it later or anew."
    return Refusal(line, "older_data", reason, data.device_id)


def _values(data: HubData) -> tuple[object, ...]:
    return (
        eui_to_int(data.device_id),
        data.aerial_installed,
        data.aerial_type,
        data.birth_event_at,
        data.network_status,
        data.deactivated_at,
        data.wan_connectivity.value if data.wan_connectivity else "",
        data.han_status or "",
        data.last_connection_at,
        data.last_tamper_at,
        data.last_outage_at,
        data.last_restore_at,
        data.as_of,
    )


HUBS = Intake("hubs", "Communications Hub data", _read, _apply, batch_size=20_000)

"""Pages of the trail, and last Commands of hubs, as it grows: 5, 15 and 50 million messages.

    METERDESK_HOME=... python -m tests.scale.trail_pages --messages 5000000 15000000 50000000

Messages are made in SQL over 92 days and a hundredth of as many Devices, so that a Device has about
a hundred; figures by hour and day are counted from them. At each size it times full pages of 50
rows over all the days, warm, and the first such page of a session, as it is and in one that planned
beforehand; and it says what a row takes on disk.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django

DAYS = 92
FIRST_DEVICE = 0x90B3D51F50000000 - 2**64
PARTIES = 200
FILL = """
insert into trail_message (device_id, received_at, fingerprint, party, target, counter,
    responded_at, gbcs_sequence, kind, status, mode, region, srv, command_variant, anomaly,
    id_used_again, code, response_id, mpxn, preceding, alert_id, history)
select device, at, (random() * 9e18)::bigint, 1 + floor(power(random(), 3) * %(parties)s)::bigint,
    device, n, at + make_interval(secs => random() * 40), n, 1, case when random() < 0.95 then 2
    else 3 end, 1 + floor(random() * 3)::int, 1 + floor(random() * 3)::int,
    1 + floor(power(random(), 3) * 110)::int, 1, false, false, 'I0',
    null, null, null, null, '[[1, 0], [2, 20000000]]'::jsonb
from (select n, %(first_device)s + floor(random() * %(devices)s)::bigint as device,
        %(day)s::timestamptz + make_interval(secs => random() * 86399) as at
      from generate_series(%(first)s, %(last)s) n) made
"""


PAGE = (
    "select * from trail_page_of(array[%s]::bigint[], array[%s]::timestamptz[], "
    "array[%s]::timestamptz[], %s, %s, 'infinity', 9223372036854775807, null, "
    "true, array[]::bigint[], array[]::smallint[], 51)"
)


def fill(cursor: Any, begin: datetime, have: int, want: int, devices: int) -> None:
    """Add messages up to `want`, the same number to each day."""
    each = (want - have) // DAYS
    for number in range(DAYS):
        given = {
            "parties": PARTIES,
            "first_device": FIRST_DEVICE,
            "devices": devices,
            "day": begin + timedelta(days=number),
            "first": have + number * each + 1,
            "last": have + (number + 1) * each,
        }
        cursor.execute(FILL, given)


def main() -> int:
    """Fill and measure, size by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[1_000_000, 3_000_000])
    parser.add_argument("--samples", type=int, default=1_000)
    given = parser.parse_args()
    os.environ |= {"METERDESK_ENV": "demo", "METERDESK_LOG_LEVEL": "WARNING"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "meterdesk.config.settings"
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate", "--quiet"], check=True)
    os.environ["METERDESK_PROCESS"] = "owner"
    django.setup()
    from django.db import connection  # noqa: PLC0415  after the environment

    devices = max(given.messages) // 100
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin -= timedelta(days=DAYS - 1)
    have = 0
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        for day in range(DAYS):
            cursor.execute(
                "select trail_make_partition(%s)", [(begin + timedelta(days=day)).date()]
            )
        for want in given.messages:
            started = time.perf_counter()
            fill(cursor, begin, have, want, devices)
            have = want
            cursor.execute("vacuum analyze trail_message")
            print(f"{want:,} messages after {time.perf_counter() - started:.0f} s", flush=True)
            _measure(cursor, begin, devices, given.samples)
    _measure_first(begin)
    return 0


def _measure_first(begin: datetime) -> None:
    import psycopg  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from meterdesk.platform.warming import WarmConnection  # noqa: PLC0415

    given = connection.get_connection_params() | {"autocommit": True}
    until = begin + timedelta(days=DAYS + 1)
    for title, kind in (("a session", psycopg.Connection), ("a warm session", WarmConnection)):
        opened, times = [], []
        for _ in range(9):
            started = time.perf_counter()
            with kind.connect(**given) as session:
                ready = time.perf_counter()
                session.execute(PAGE, [FIRST_DEVICE, begin, until, begin, until]).fetchall()
                times.append((time.perf_counter() - ready) * 1_000)
            opened.append((ready - started) * 1_000)
        print(
            f"  first page of {title}: p50 {statistics.median(times):.1f} ms, "
            f"opened in {statistics.median(opened):.0f} ms, n 9",
            flush=True,
        )


def _measure(cursor: Any, begin: datetime, devices: int, samples: int) -> None:
    cursor.execute(
        "select sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) "
        "from pg_partition_tree('trail_message') where isleaf"
    )
    heap, index = (int(one) for one in cursor.fetchone())
    cursor.execute("select count(*) from trail_message")
    rows = cursor.fetchone()[0]
    print(f"  {heap / rows:.0f} + {index / rows:.0f} bytes a row (table, indexes)")
    until = begin + timedelta(days=DAYS + 1)
    for title, since in (("all days", begin), ("7 days", begin + timedelta(days=DAYS - 7))):
        times, lengths = [], []
        for _ in range(samples):
            device = FIRST_DEVICE + random.randrange(devices)
            for _warm in range(2):
                started = time.perf_counter()
                cursor.execute(PAGE, [device, since, until, since, until])
                found = cursor.fetchall()
            times.append((time.perf_counter() - started) * 1_000)
            lengths.append(len(found))
        parts = statistics.quantiles(times, n=20)
        print(
            f"  page over {title}: p50 {statistics.median(times):.2f} ms, p95 {parts[18]:.2f} ms, "
            f"{statistics.mean(lengths):.0f} rows, n {samples}",
            flush=True,
        )
    hubs = [FIRST_DEVICE + random.randrange(devices - 6) for _ in range(samples)]
    times = []
    for hub in hubs:
        for _warm in range(2):
            started = time.perf_counter()
            cursor.execute(
                "select * from trail_commands(%s, %s, 5)", [[hub + n for n in range(6)], begin]
            )
            cursor.fetchall()
        times.append((time.perf_counter() - started) * 1_000)
    parts = statistics.quantiles(times, n=20)
    print(
        f"  last five Commands of a hub's six Devices: p50 {statistics.median(times):.2f} ms, "
        f"p95 {parts[18]:.2f} ms, n {samples}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

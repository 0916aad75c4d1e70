"""The trail live: requests and late responses pushed each second, while two readers page.

    METERDESK_HOME=... python -m tests.scale.trail_live --seconds 60

Every half second a batch is pushed as programs push it: half a second's requests, and responses to
requests of two seconds before, in lines of NDJSON. Two processes meanwhile read pages of 50, each
after a short pause, half of them of Devices being written to. Lines are made beforehand. Says how
long batches and pages took, and afterwards what a row takes, online and in the archive.
"""

import argparse
import gc
import json
import os
import random
import select
import subprocess
import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import django
from tests.scale.figures import Spread
from tests.scale.trail_lines import day_lines, device_of

REQUESTS, LATE, EVERY, BEHIND = 8_000, 0.92, 0.5, 4
"""Lines of requests and alerts a second; the share of requests answered late, so that there are
7,000 responses; seconds between batches; batches between a request and its response."""


def main() -> int:
    """Push and read at once, then report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--devices", type=int, default=500_000)
    parser.add_argument("--pause", type=float, default=0.002, help="of a reader, in seconds")
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ |= {"METERDESK_ENV": "demo", "METERDESK_LOG_LEVEL": "WARNING"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "meterdesk.config.settings"
    if not given.read:
        subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate", "--quiet"], check=True)
    os.environ["METERDESK_PROCESS"] = "owner"
    django.setup()
    if given.read:
        return _read(given.devices, given.pause)
    batches = _batches(given.seconds, given.devices)
    command = [sys.executable, "-m", "tests.scale.trail_live", "--read"]
    command += ["--devices", str(given.devices), "--pause", str(given.pause)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)
    ]
    pushes, late, lines, took = _push(batches)
    pages: list[float] = []
    for reader in readers:
        answer, _ = reader.communicate(b"")
        pages += json.loads(answer)
    print(f"{lines / took:,.0f} lines a second over {took:.0f} s, in {len(batches)} batches")
    print(f"  a batch: {Spread(pushes)}, longest {max(pushes):.0f} ms; begun late: {late}")
    print(f"  a page of two readers: {Spread(pages)}")
    _sizes()
    return 0


def _batches(seconds: int, devices: int) -> list[bytes]:
    """Each batch's lines: its requests, and the responses to those of some batches before."""
    now = datetime.now(UTC)
    pairs = day_lines(
        now, REQUESTS * seconds, devices, LATE, now.microsecond % 9_000, seconds=seconds
    )
    size = int(REQUESTS * EVERY)
    waiting: deque[list[str]] = deque()
    made = []
    while pair := list(islice(pairs, size)):
        waiting.append([answer for _line, answer in pair if answer])
        answers = waiting.popleft() if len(waiting) > BEHIND else []
        made.append("".join([*(line for line, _answer in pair), *answers]).encode())
    return made


def _push(batches: list[bytes]) -> tuple[list[float], int, int, float]:
    """Push each batch at its time; milliseconds of each, how many began late, lines, seconds."""
    from meterdesk.platform.intake.pushes import Batch, take_in_push  # noqa: PLC0415  after set-up

    bench = SimpleNamespace(username="bench")
    took, late, lines = [], 0, 0
    gc.collect()
    begun = time.perf_counter()
    for number, batch in enumerate(batches):
        ahead = begun + number * EVERY - time.perf_counter()
        late += ahead < 0
        time.sleep(max(ahead, 0))
        started = time.perf_counter()
        pushed = take_in_push(bench, Batch("trail", batch, ".ndjson", packed=False))
        took.append((time.perf_counter() - started) * 1_000)
        lines += pushed.accepted
        if pushed.refused:
            raise SystemExit(f"Refused: {pushed.refusals[0]}")
    return took, late, lines, time.perf_counter() - begun


def _read(devices: int, pause: float) -> int:
    """Page until standard input closes; prints the milliseconds of each page."""
    from meterdesk.kernel.identifiers import eui_to_int  # noqa: PLC0415
    from meterdesk.trail.access import Sight  # noqa: PLC0415
    from meterdesk.trail.queries.pages import LATEST, Wanted, newest  # noqa: PLC0415
    from meterdesk.trail.rules.spans import Span  # noqa: PLC0415

    since = datetime.now(UTC) - timedelta(days=91)
    sight, times = Sight(True, (), ()), []
    for number in range(1_000_000):
        written = number % 2 == 0
        device = eui_to_int(device_of(random.randrange(devices)))
        wanted = Wanted((Span(device if written else _older(), since, LATEST),))
        started = time.perf_counter()
        newest(sight, wanted, 51)
        times.append((time.perf_counter() - started) * 1_000)
        if select.select([sys.stdin], [], [], pause)[0]:
            break
    # The first page plans the statement, once a session.
    print(json.dumps(times[1:]))
    return 0


def _older() -> int:
    from tests.scale.trail_pages import FIRST_DEVICE  # noqa: PLC0415

    return FIRST_DEVICE + random.randrange(10_000)


def _sizes() -> None:
    """Bytes a row of today's, with indexes and in the archive."""
    from django.db import connection  # noqa: PLC0415
    from pyarrow import fs  # noqa: PLC0415

    from meterdesk.trail.actions.archive import write_day  # noqa: PLC0415
    from meterdesk.trail.queries.files import Archive, path_of  # noqa: PLC0415

    day = datetime.now(UTC).date()
    name = f"trail_message_{day:%Y%m%d}"
    with connection.cursor() as cursor, TemporaryDirectory() as folder:
        cursor.execute(f"vacuum analyze {name}")
        cursor.execute(
            f"select pg_table_size('{name}'), pg_indexes_size('{name}'), count(*) from {name}"
        )
        heap, index, rows = cursor.fetchone()
        place = Archive(fs.LocalFileSystem(), folder)
        started = time.perf_counter()
        write_day(place, path_of(day), day)
        took = time.perf_counter() - started
        size = Path(folder, path_of(day)).stat().st_size
    print(f"  {rows:,} rows of today: {heap / rows:.0f} + {index / rows:.0f} bytes a row (table,")
    print(f"  indexes), {size / rows:.0f} archived, written at {rows / took:,.0f} rows a second")


if __name__ == "__main__":
    sys.exit(main())

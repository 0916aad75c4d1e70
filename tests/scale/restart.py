"""Ready again after a kill: database and server killed in the middle of an intake.

    python -m tests.scale restart --points 400000

Once a part of the file has been acknowledged, the intake, the web server and every process of the
database are killed. Then the time is taken until `meterdesk serve` answers /readyz, and the file is
taken in again: nothing acknowledged may be missing, nothing be there twice.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.scale import homes
from tests.scale.api_load import PORT, family, wait_until_ready
from tests.scale.figures import Table
from tests.scale.places import meterdesk, parties, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--points", type=int, default=200_000)


def run(args: argparse.Namespace, table: Table) -> None:
    """Kill and start again."""
    with place("restart") as home:
        from django.db import connection  # noqa: PLC0415  after django.setup()

        user_ids, _people = parties()
        path = homes.write(
            home / "points.csv",
            homes.POINT_HEAD,
            range(args.points // 2),
            lambda one: homes.point_lines(one, user_ids),
        )
        started, intake = time.perf_counter(), None
        server = _start(*_SERVE)
        try:
            wait_until_ready("/readyz")
            seconds = time.perf_counter() - started
            table.add("ready after an ordinary start", "", f"{seconds:.1f} s")
            intake = _start("intake", "registration", str(path), "--quiet")
            acknowledged = _wait_for(args.points // 3)
            connection.close()
            _kill([*family(server.pid), intake.pid, *_database(home)])
            server.wait()
            intake.wait()
            started = time.perf_counter()
            server = _start(*_SERVE)
            wait_until_ready("/readyz")
            seconds = time.perf_counter() - started
            what = f"ready after kill -9 of all, {acknowledged:,} of {args.points:,} rows in"
            table.add(what, "10 s", f"{seconds:.1f} s")
            answer = meterdesk("intake", "registration", str(path), "--quiet").strip()
            table.add("the file again", f"unchanged at least {acknowledged}", answer)
            table.add("meter points then", f"{args.points}", _one(_POINTS))
        finally:
            for process in (server, intake):
                if process and process.poll() is None:
                    process.terminate()
                    process.wait(timeout=30)


_SERVE = ("serve", "--port", str(PORT), "--workers", "1", "--no-worker")
_POINTS = "select count(*) from registration_meterpoint"
_ACKNOWLEDGED = "select coalesce(max(accepted), 0) from platform_intakerun"


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    process = "web" if arguments[0] == "serve" else "command"
    return subprocess.Popen(
        [sys.executable, "-m", "meterdesk.cli", *arguments],
        env={**os.environ, "METERDESK_PROCESS": process, "METERDESK_ENV": "demo"},
    )


def _wait_for(rows: int) -> int:
    """How many rows are acknowledged, once there are so many."""
    while (found := _one(_ACKNOWLEDGED)) < rows:
        time.sleep(0.02)
    return found


def _one(statement: str) -> int:
    from django.db import connection  # noqa: PLC0415  after django.setup()

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _database(home: Path) -> list[int]:
    """The processes of the embedded database."""
    (held,) = home.rglob("postmaster.pid")
    return family(int(held.read_text(encoding="ascii").split()[0]))


def _kill(processes: list[int]) -> None:
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)

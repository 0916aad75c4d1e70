"""The whole portfolio as a file, through a web server: how long, and what it costs in memory.

python -m tests.scale export --devices 1000000
"""

import argparse
import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from typing import Any

from tests.scale.api_load import PORT, family, wait_until_ready
from tests.scale.country import load, points
from tests.scale.figures import Table
from tests.scale.places import parties, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--devices", type=int, default=200_000)


def run(args: argparse.Namespace, table: Table) -> None:
    """Serve, download, look at the memory of the worker."""
    with place("export") as home:
        from meterdesk.identity.tests.factories import token_for  # noqa: PLC0415

        user_ids, people = parties()
        points(home, table, user_ids, range(args.devices // 4))
        load(home, table, args.devices // 4)
        token = token_for(people[3])
        line = [sys.executable, "-m", "meterdesk.cli", "serve", "--port", str(PORT)]
        server = subprocess.Popen(
            [*line, "--workers", "1", "--no-worker"],
            env={**os.environ, "METERDESK_PROCESS": "web", "METERDESK_ENV": "demo"},
        )
        try:
            wait_until_ready()
            for whose in ("all", "mine"):
                before = peak(server.pid)
                seconds, lines, size = download(f"/api/v1/portfolio.csv?whose={whose}", token)
                seen = f"{lines:,} rows, {size / 1e6:,.0f} MB in {seconds:.1f} s"
                seen += f"; peak of the worker {before:.0f} MB before, {peak(server.pid):.0f} after"
                what = f"export over HTTP, {whose} of {args.devices:,} Devices"
                table.add(what, "1,000,000 rows in 30 s, memory flat", seen)
        finally:
            server.terminate()
            server.wait(timeout=20)


def download(path: str, token: str) -> tuple[float, int, int]:
    """Seconds, lines and bytes of a file."""
    connection: Any = HTTPConnection("127.0.0.1", PORT, timeout=300)
    started, lines, size = time.perf_counter(), 0, 0
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    while block := answer.read(1 << 16):
        lines += block.count(b"\n")
        size += len(block)
    return time.perf_counter() - started, lines - 1, size


def peak(pid: int) -> float:
    """The largest peak of resident memory among a server's processes, in MB."""
    from pathlib import Path  # noqa: PLC0415

    sizes = []
    for one in family(pid):
        status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        sizes.append(int(status.split("VmHWM:")[1].split()[0]))
    return max(sizes) / 1000

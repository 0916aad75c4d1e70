"""What a kill in the middle leaves of the inbox and of pushes: whole batches, each once."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from django.db import connection

from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import bearer, make_person
from meterdesk.platform.intake.inbox import pick_up
from meterdesk.platform.models import IntakeRun
from meterdesk.trail.tests.lines import request_line

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("AUD-1", "SSI-NFR-22"),
]
ROWS, EACH = 40_000, 5_000
PICK_UP = """
import django, sys; django.setup()
from datetime import UTC, datetime
from pathlib import Path
from meterdesk.platform.intake.inbox import pick_up
pick_up(Path(sys.argv[1]), datetime.now(UTC))
"""


def started(*arguments: object) -> "subprocess.Popen[bytes]":
    """A process of Meterdesk against the tests' database, in a process group of its own."""
    given = connection.settings_dict
    place = f"host={quote(given['HOST'])}&port={given['PORT']}"
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    url = f"postgresql://{given['USER']}{password}@/{given['NAME']}?{place}"
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "DATABASE_URL": url, "METERDESK_PROCESS": "command"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when(process: "subprocess.Popen[bytes]", is_time: Callable[[], bool]) -> None:
    """Kill the process and its children without warning, in the middle of its work."""
    with process:
        while process.poll() is None:
            if is_time():
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.005)
    assert process.returncode == -signal.SIGKILL


def lines(first: int, count: int) -> bytes:
    return b"\n".join(
        orjson.dumps(request_line(number, status_history=[]))
        for number in range(first, first + count)
    )


def in_trail() -> tuple[int, int]:
    """Messages, and how many the counts say there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce((select sum(messages)::int8 from trail_volume_day "
            "where everyone), 0) from trail_message"
        )
        return cursor.fetchone()


def test_a_file_of_the_inbox_is_taken_up_again_where_the_killed_worker_left_it(
    transactional_db: None, tmp_path: Path
) -> None:
    folder = tmp_path / "trail"
    folder.mkdir()
    path = folder / "large.ndjson"
    path.write_bytes(lines(0, ROWS))
    os.utime(path, (0, 0))
    kill_when(
        started("-c", PICK_UP, tmp_path), lambda: IntakeRun.objects.filter(accepted__gt=0).exists()
    )
    acknowledged = IntakeRun.objects.get().accepted
    assert 0 < acknowledged < ROWS
    assert in_trail() == (acknowledged, acknowledged)
    assert [one.name for one in (folder / ".taking").iterdir()] == ["large.ndjson"]

    # The database lets go of the killed worker's turn when it notices that it is gone.
    while not pick_up(tmp_path, datetime.now(UTC)):
        time.sleep(0.05)
    again = IntakeRun.objects.order_by("pk").last()
    assert again is not None
    assert (again.accepted, again.unchanged) == (ROWS - acknowledged, acknowledged)
    assert in_trail() == (ROWS, ROWS)
    assert len(list((folder / "done").glob("*large.ndjson"))) == 1


def test_pushes_acknowledged_before_a_kill_are_kept_and_sent_again_double_nothing(
    transactional_db: None,
) -> None:
    token = bearer(make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    batches = [lines(first, EACH) for first in range(0, ROWS, EACH)]

    server, acknowledged = serve(port), 0
    for batch in batches[:2]:
        assert answered(send(port, batch, token))["accepted"] == EACH
        acknowledged += 1
    sending = send(port, batches[2], token)
    kill_when(server, is_at_work)
    with pytest.raises((OSError, HTTPException)):
        answered(sending)
    whole, rest = divmod(settled()[0], EACH)
    assert rest == 0
    assert whole in {acknowledged, acknowledged + 1}

    server = serve(port)
    counts = [answered(send(port, batch, token)) for batch in batches]
    kill_when(server, lambda: True)
    assert [one["unchanged"] for one in counts] == [EACH] * whole + [0] * (len(batches) - whole)
    assert settled() == (ROWS, ROWS)


def serve(port: int) -> "subprocess.Popen[bytes]":
    """A server that answers."""
    server = started("-m", "meterdesk.cli", "serve", "--port", port, "--workers", 1)
    while server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The server did not start.")


def send(port: int, batch: bytes, token: dict[str, str]) -> HTTPConnection:
    """A batch on its way."""
    there = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Authorization": token["HTTP_AUTHORIZATION"],
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
    }
    there.request("POST", "/api/v1/feeds/trail", gzip.compress(batch), headers)
    return there


def answered(there: HTTPConnection) -> dict[str, int]:
    """What the server says of it."""
    response = there.getresponse()
    assert response.status == 200
    return orjson.loads(response.read())


def is_at_work() -> bool:
    """Whether a push is being taken in at this moment, or another than the first two was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists(select from pg_locks where locktype = 'advisory' "
            "and classid = hashtext('push:trail')::bit(32)::bigint)"
        )
        return cursor.fetchone()[0] or in_trail()[0] > 2 * EACH


def settled() -> tuple[int, int]:
    """What is there once nothing of a killed server is at work any more."""
    with connection.cursor() as cursor:
        busy = True
        while busy:
            cursor.execute(
                "select exists(select from pg_stat_activity where datname = current_database() "
                "and pid <> pg_backend_pid() and xact_start is not null)"
            )
            busy = cursor.fetchone()[0]
            time.sleep(0.02)
    return in_trail()

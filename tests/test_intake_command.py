"""The intake command as an operator runs it: its answers, and what a kill leaves behind."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from django.db import connection
from tests.scale import homes

from meterdesk.kernel.identifiers import mpan_check_digit
from meterdesk.platform.models import ActivityEntry, IntakeRun
from meterdesk.registration.tests.files import HEADER, electricity, gas, make_parties
from meterdesk.trail.tests.lines import request_line, response_line

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
ROWS = 40_000


def command(*arguments: object) -> tuple[list[str], dict[str, str]]:
    """The intake command against the tests' database, and its environment."""
    given = connection.settings_dict
    place = f"host={quote(given['HOST'])}&port={given['PORT']}"
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    url = f"postgresql://{given['USER']}{password}@/{given['NAME']}?{place}"
    line = [sys.executable, "-m", "meterdesk.cli", *map(str, arguments)]
    return line, {**os.environ, "DATABASE_URL": url, "METERDESK_PROCESS": "command"}


def meterdesk_intake(*arguments: object) -> "subprocess.CompletedProcess[str]":
    line, environment = command("intake", *arguments)
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def parties(transactional_db: None) -> None:
    make_parties()


@pytest.mark.req("REG-1", "SSI-NFR-21")
def test_files_folders_and_patterns_give_one_closing_line_and_a_report(
    parties: None, tmp_path: Path
) -> None:
    folder = tmp_path / "june"
    folder.mkdir()
    write(folder / "a.csv", electricity(), gas().replace(",12,", ",=1+1,"))
    write(folder / "b.csv", electricity(), electricity(supplier="=cmd()"))
    report = tmp_path / "report.csv"
    first = meterdesk_intake("registration", folder, "--report", report)
    assert first.returncode == 0
    assert first.stdout == "accepted 2 unchanged 1 refused 1\n"
    with report.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["line"], row["code"]) for row in rows] == [
        ("b.csv", "3", "invalid_user_id")
    ]
    again = meterdesk_intake("registration", f"{folder}/*.csv", "--quiet")
    assert (again.stdout, again.stderr) == ("accepted 0 unchanged 3 refused 1\n", "")
    started = ActivityEntry.objects.filter(verb="intake.start").order_by("at").last()
    assert started is not None
    assert started.detail["kind"] == "registration"


@pytest.mark.req("SSI-NFR-22")
def test_what_cannot_be_read_is_one_sentence_and_status_1(parties: None, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"\x00\x01\x02")
    for arguments, sentence in (
        (["registration", wrong], "wrong.csv is not UTF-8 text. Save it as UTF-8."),
        (["trail", wrong, "--received-at", "2026-04-01"], "give an instant with its offset"),
    ):
        answer = meterdesk_intake(*arguments)
        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr.startswith("meterdesk: ")
        assert sentence in answer.stderr
        assert "Traceback" not in answer.stderr


@pytest.mark.req("REG-1")
def test_a_killed_run_leaves_whole_batches_and_is_mended_by_running_it_again(
    parties: None, tmp_path: Path
) -> None:
    numbers = (f"10{number:010}" for number in range(ROWS))
    rows = [electricity(mpan=first + str(mpan_check_digit(first))) for first in numbers]
    path = write(tmp_path / "large.csv", *rows)
    line, environment = command("intake", "registration", path, "--quiet")
    with subprocess.Popen(line, env=environment) as process:
        while process.poll() is None:
            if IntakeRun.objects.filter(accepted__gt=0).exists():
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.01)
    assert process.returncode == -signal.SIGKILL
    killed = IntakeRun.objects.get()
    assert 0 < killed.accepted < ROWS
    assert stored() == (killed.accepted, killed.accepted)
    answer = meterdesk_intake("registration", path, "--quiet")
    rest = ROWS - killed.accepted
    assert answer.stdout == f"accepted {rest} unchanged {killed.accepted} refused 0\n"
    assert stored() == (ROWS, ROWS)


@pytest.mark.req("AUD-1", "SSI-NFR-22")
def test_a_trail_killed_in_the_middle_loses_no_batch_and_counts_none_twice(
    transactional_db: None, tmp_path: Path
) -> None:
    path = tmp_path / "trail.ndjson"
    with path.open("wb") as out:
        for number in range(ROWS):
            waiting = number % 2
            line = request_line(number, status_history=[])
            out.write(orjson.dumps(line) + b"\n")
            if waiting:
                out.write(orjson.dumps(response_line(number)) + b"\n")
    line, environment = command("intake", "trail", path, "--quiet")
    with subprocess.Popen(line, env=environment) as process:
        while process.poll() is None:
            if IntakeRun.objects.filter(accepted__gt=0).exists():
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.005)
    assert process.returncode == -signal.SIGKILL
    # Each batch acknowledged is there with its counts, and nothing of one that was not.
    acknowledged = IntakeRun.objects.get().accepted
    assert 0 < acknowledged < ROWS * 3 // 2
    messages, answered, counted = in_trail()
    assert messages + answered == acknowledged
    assert counted == messages
    rest = ROWS * 3 // 2 - acknowledged
    answer = meterdesk_intake("trail", path, "--quiet")
    assert answer.stdout == f"accepted {rest} unchanged {acknowledged} refused 0\n"
    assert in_trail() == (ROWS, ROWS // 2, ROWS)


@pytest.mark.req("INV-1", "SSI-NFR-22")
def test_an_initial_load_killed_leaves_an_empty_inventory_and_is_begun_again(
    transactional_db: None, tmp_path: Path
) -> None:
    path = homes.write(tmp_path / "d.csv", homes.DEVICE_HEAD, range(ROWS // 4), homes.device_lines)
    line, environment = command("load-devices", path, "--quiet")
    environment["DATABASE_OWNER_URL"] = environment["DATABASE_URL"]
    with subprocess.Popen(line, env=environment) as process:
        while process.poll() is None:
            if IntakeRun.objects.filter(state=IntakeRun.State.RUNNING).exists():
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.005)
    assert process.returncode == -signal.SIGKILL
    assert in_inventory() == (0, 0, 0)
    again = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert again.stdout == f"accepted {ROWS} unchanged 0 refused 0\n"
    assert in_inventory() == (ROWS, ROWS, ROWS * 3 // 4)
    once_more = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert once_more.returncode == 1
    assert "has Devices already" in once_more.stderr


def in_inventory() -> tuple[int, int, int]:
    """Devices, statuses and associations there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from inventory_device), "
            "(select count(*) from inventory_devicestatuschange), "
            "(select count(*) from inventory_deviceassociation)"
        )
        return cursor.fetchone()


def in_trail() -> tuple[int, int, int]:
    """Messages, those with an answer, and how many the counts say there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(responded_at), "
            "(select sum(messages)::int8 from trail_volume_day where everyone) from trail_message"
        )
        return cursor.fetchone()


def stored() -> tuple[int, int]:
    """Meter points and registrations there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from registration_meterpoint), "
            "(select count(*) from registration_registration)"
        )
        return cursor.fetchone()

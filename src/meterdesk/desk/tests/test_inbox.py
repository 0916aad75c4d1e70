"""Files picked up from a folder: whole, once, in order, and none for ever."""

import os
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.db import connection

from meterdesk.coverage.tests.test_intake import HEADER
from meterdesk.desk.tests.test_feeds import LINES, NOW
from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests import factories as make
from meterdesk.kernel.errors import Unavailable
from meterdesk.platform.intake.inbox import MOST_TRIES, pick_up
from meterdesk.platform.models import InboxTry, IntakeRun
from meterdesk.platform.tests.clamd import CLEAN, listening, nobody_listens_at
from meterdesk.trail.tests.lines import alert_line, request_line

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def write(folder: Path, name: str, content: bytes, age: float = 60) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (NOW.timestamp() - age, NOW.timestamp() - age))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


@pytest.mark.req("SSI-NFR-35")
def test_whole_files_of_the_inbox_are_taken_once_and_filed_with_their_report(tmp_path):
    trail = tmp_path / "trail"
    write(trail, "a.ndjson", LINES + b"\n{}\n")
    write(trail, "b.ndjson", LINES, age=1)
    write(trail, "c.ndjson.part", LINES)
    write(tmp_path / "inventory", "bad.csv", b"\xff\xfe")
    (trail / "link.ndjson").symlink_to(write(tmp_path, "secret.txt", LINES))

    assert pick_up(tmp_path, NOW) == 2
    assert names(trail) == {"b.ndjson", "c.ndjson.part", "link.ndjson"}
    stamp = "20260302T120000Z"
    assert names(trail / "done") == {
        f"{stamp}-a.ndjson",
        f"{stamp}-a.ndjson.txt",
        f"{stamp}-a.ndjson.refused.csv",
    }
    report = (trail / "done" / f"{stamp}-a.ndjson.txt").read_text()
    assert report == "accepted 3 unchanged 0 refused 1\n"
    failed = tmp_path / "inventory" / "failed"
    assert names(failed) == {f"{stamp}-bad.csv", f"{stamp}-bad.csv.txt"}
    assert pick_up(tmp_path, NOW) == 0
    assert pick_up(tmp_path, NOW + timedelta(minutes=1)) == 1


@pytest.mark.req("SSI-NFR-22")
def test_what_a_killed_process_had_set_aside_is_taken_again(tmp_path):
    write(tmp_path / "trail" / ".taking", "a.ndjson", LINES)
    assert pick_up(tmp_path, NOW) == 1
    assert not names(tmp_path / "trail" / ".taking")
    assert IntakeRun.objects.get().accepted == 3


HOSTILE = {
    "nul": (b"nul.csv", b"device_id,device_type,\x00a,\x00a\n1,2,3,4\n"),
    "wide": (b"wide.csv", b"x" * 200_000 + b",device_id\n1,2\n"),
    "long name": (b"n" * 250 + b".csv", b"device_id\n1\n"),
    "accents": (b"e" * 120 + b"\n" + chr(0xE9).encode() * 60 + b".csv", b"device_id\n1\n"),
    "no text": (b"bytes-\xff\xfe.csv", b"device_id\n1\n"),
}


@pytest.mark.req("SSI-NFR-22", "SEC-1")
@pytest.mark.parametrize("case", HOSTILE)
def test_no_file_of_the_inbox_stops_those_behind_it(tmp_path, case):
    name, body = HOSTILE[case]
    write(tmp_path / "inventory", os.fsdecode(name), body)
    write(tmp_path / "trail", "a.ndjson", LINES)
    assert pick_up(tmp_path, NOW) == 2
    assert not names(tmp_path / "inventory" / ".taking")
    assert len(names(tmp_path / "inventory" / "failed")) == 2
    assert IntakeRun.objects.get(kind="trail").accepted == 3


POISON = """
create function refuse_poison() returns trigger language plpgsql as $$
begin
    raise exception 'no room' using errcode = 'disk_full';
end $$;
create trigger refuse_poison before insert on coverage_coveragerow
    for each row when (new.postcode = 'M1 1AA') execute function refuse_poison();
create trigger refuse_poison before insert on trail_message
    for each row when (new.kind = 2) execute function refuse_poison();
"""


@pytest.fixture
def poison():
    """What the database never takes: coverage of M1 1AA, and alerts of Devices."""
    with connection.cursor() as cursor:
        cursor.execute(POISON)


def coverage(postcode: str) -> bytes:
    return f"{HEADER}{postcode},,North,Yes,,High,Standard 420,,No,,,\n".encode()


def reports(folder: Path) -> list[str]:
    return sorted(path.name[17:] + ": " + path.read_text() for path in folder.glob("*.txt"))


@pytest.mark.req("SSI-NFR-22", "SSI-NFR-35")
def test_a_file_that_the_database_never_takes_is_filed_and_those_behind_come_in_order(
    client, tmp_path, poison
):
    folder = tmp_path / "coverage"
    write(folder, "a.csv", coverage("M1 1AA"))
    write(folder, "b.csv", coverage("M1 2AA"))
    write(tmp_path / "trail", "c.ndjson", orjson.dumps(request_line(1)))
    assert pick_up(tmp_path, NOW) == 1
    assert reports(tmp_path / "trail" / "done"), "another folder does not wait"
    assert pick_up(tmp_path, NOW + timedelta(seconds=59)) == 0
    assert IntakeRun.objects.filter(kind="coverage").count() == 1, "it is not yet its time"
    assert pick_up(tmp_path, NOW + timedelta(minutes=1)) == 0
    make.log_in(client, make.make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    page = client.get("/desk/feeds/").content.decode()
    assert "a.csv has been begun 2 times" in page

    for hours in range(1, 6):
        assert pick_up(tmp_path, NOW + timedelta(hours=hours)) == 0
    assert names(folder) == {"b.csv"}
    write(folder, "a.csv", coverage("M1 3AA"))
    assert pick_up(tmp_path, NOW + timedelta(hours=7)) == 3
    assert reports(folder / "failed") == [
        "a.csv.txt: It was begun 8 times and never came to its end. The log says why.\n"
    ]
    report = "accepted 1 unchanged 0 refused 0\n"
    assert reports(folder / "done") == [f"a.csv.txt: {report}", f"b.csv.txt: {report}"]
    assert not InboxTry.objects.exists()


@pytest.mark.req("SSI-NFR-22")
def test_a_file_whose_copying_the_database_breaks_off_is_tried_again(tmp_path, poison):
    write(tmp_path / "trail", "a.ndjson", orjson.dumps(alert_line()))
    assert pick_up(tmp_path, NOW) == 0
    with connection.cursor() as cursor:
        cursor.execute("drop trigger refuse_poison on trail_message")
    assert pick_up(tmp_path, NOW + timedelta(minutes=1)) == 1
    assert reports(tmp_path / "trail" / "done")


@pytest.mark.req("SSI-NFR-22")
def test_a_file_that_kills_whoever_takes_it_is_filed_at_last(tmp_path):
    write(tmp_path / "trail" / ".taking", "a.ndjson", LINES)
    write(tmp_path / "trail", "b.ndjson", orjson.dumps(request_line(1)))
    InboxTry.objects.create(kind="trail", name="a.ndjson", tries=MOST_TRIES, next_at=NOW)
    assert pick_up(tmp_path, NOW) == 2
    assert "begun 8 times" in reports(tmp_path / "trail" / "failed")[0]
    assert IntakeRun.objects.get().filename == "b.ndjson"


@pytest.mark.req("SSI-NFR-22")
def test_a_file_whose_turn_another_run_has_waits_however_long_that_takes(tmp_path):
    write(tmp_path / "trail", "a.ndjson", LINES)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('intake:trail'))")
        with connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '1ms'")
        for minutes in range(MOST_TRIES + 1):
            assert pick_up(tmp_path, NOW + timedelta(minutes=minutes)) == 0
    finally:
        other.close()
    assert pick_up(tmp_path, NOW + timedelta(hours=1)) == 1
    assert reports(tmp_path / "trail" / "done")


@pytest.mark.req("SEC-1", "SSI-NFR-22")
def test_a_file_that_the_scanner_cannot_take_waits_and_without_scanner_all_do(tmp_path, settings):
    write(tmp_path / "inventory", "large.csv", b"x" * 2_000)
    write(tmp_path / "trail", "a.ndjson", orjson.dumps(request_line(1)))
    settings.METERDESK_CLAMD = nobody_listens_at()
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(Unavailable):
            pick_up(tmp_path, NOW)
    with listening(CLEAN, most=1_000) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        assert pick_up(tmp_path, NOW) == 1
    assert InboxTry.objects.get().tries == 1
    assert reports(tmp_path / "trail" / "done")


@pytest.mark.req("SEC-1")
def test_a_link_is_not_followed_wherever_it_is_put(tmp_path):
    secret = write(tmp_path, "secret.csv", b"device_id\nthe secret\n")
    taking = tmp_path / "inventory" / ".taking"
    taking.mkdir(parents=True)
    (taking / "link.csv").symlink_to(secret)
    assert pick_up(tmp_path, NOW) == 0
    assert names(tmp_path / "inventory" / "done") == set()
    assert IntakeRun.objects.count() == 0

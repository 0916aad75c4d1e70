"""Data pushed by programs and picked up from a folder: whole, once, and with an answer to each."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from django.db import connection
from django.test import Client

from meterdesk.coverage.tests.test_intake import HEADER
from meterdesk.desk.actions.feeds import watch_feeds
from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.kernel.errors import Unavailable
from meterdesk.platform.intake.inbox import MOST_TRIES, pick_up
from meterdesk.platform.intake.pushes import LARGEST_UNPACKED, MOST_AT_ONCE
from meterdesk.platform.models import ActivityEntry, InboxTry, IntakeRun
from meterdesk.platform.tests.archives import zipped
from meterdesk.platform.tests.clamd import CLEAN, listening, nobody_listens_at
from meterdesk.registration.tests.provider_files import make_providers, record, text_of
from meterdesk.trail.tests.lines import alert_line, request_line

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINES = b"\n".join(map(orjson.dumps, [request_line(1), request_line(2), alert_line()]))


@pytest.fixture
def token():
    return make.bearer(make.make_person("olga", desk=[DeskRole.ADMINISTRATOR]))


def push(client: Client, token, body: bytes, kind="trail", **more):
    given = {"content_type": "application/x-ndjson"} | more
    return client.post(f"/api/v1/feeds/{kind}", body, **given, **token)


@pytest.mark.req("SSI-NFR-35", "AUD-1")
def test_a_batch_is_answered_with_counts_and_refusals_and_stored_once(client, token):
    answer = push(client, token, LINES + b"\n{}\n")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["unchanged"], body["refused"]) == (3, 0, 1)
    assert [(one["line"], one["code"]) for one in body["refusals"]] == [(4, "bad_value")]
    packed = push(client, token, gzip.compress(LINES), headers={"Content-Encoding": "gzip"})
    assert (packed.json()["accepted"], packed.json()["unchanged"]) == (0, 3)


@pytest.mark.req("REG-1", "SSI-NFR-35")
def test_a_dry_run_pushed_answers_what_would_happen_and_makes_nothing_fresh(client, token):
    dry = client.post(
        "/api/v1/feeds/trail?dry_run=true", LINES, content_type="application/x-ndjson", **token
    ).json()
    assert (dry["accepted"], dry["refused"]) == (3, 0)
    run = client.get(f"/api/v1/intake-runs/{dry['run_id']}", **token).json()
    assert (run["is_dry"], run["accepted"], run["state"]) == (True, 3, "DONE")
    nothing = push(client, token, b"{}\n").json()
    feeds = client.get("/api/v1/feeds", **token).json()["items"]
    trail = next(one for one in feeds if one["kind"] == "trail")
    assert (trail["last_run"], trail["newest_at"], trail["is_late"]) == (None, None, True)
    brought = push(client, token, LINES).json()
    assert (brought["accepted"], brought["unchanged"]) == (3, 0)
    feeds = client.get("/api/v1/feeds", **token).json()["items"]
    trail = next(one for one in feeds if one["kind"] == "trail")
    assert trail["last_run"] == brought["run_id"]
    runs = client.get("/api/v1/intake-runs?limit=2", **token).json()
    assert [one["id"] for one in runs["items"]] == [brought["run_id"], nothing["run_id"]]
    refused = client.get(f"/api/v1/intake-runs/{nothing['run_id']}/refusals", **token).json()
    assert [(one["line"], one["code"]) for one in refused["items"]] == [(1, "bad_value")]


@pytest.mark.req("REG-1", "REG-4")
def test_a_registration_file_is_pushed_under_its_name_and_answered_with_its_fate(client, token):
    make_providers()

    def send(name: str, text: str):
        url = f"/api/v1/feeds/registration-electricity?name={name}"
        return client.post(url, text, content_type="text/plain", **token)

    early = send("north_2.txt", text_of(2, record(mpan="1000000000055"))).json()
    assert (early["accepted"], early["note"]) == (0, "north_2.txt: held, out of order: 1.")
    first = send("north_1.txt", text_of(1, record())).json()
    assert (first["accepted"], first["note"]) == (1, "north_1.txt: applied: 1.")
    files = client.get("/api/v1/registration/files", **token).json()["items"]
    assert {(one["name"], one["state"]) for one in files} == {
        ("north_1.txt", "APPLIED"),
        ("north_2.txt", "APPLIED"),
    }
    for name in ("../x.txt", "a%0Ab.txt", ".txt", "a" * 101):
        assert send(name, text_of(3)).status_code == 422


@pytest.mark.req("SSI-NFR-22")
def test_a_batch_sent_again_with_its_key_gets_the_first_answer(client, token):
    key = {"headers": {"Idempotency-Key": "batch-1"}}
    first, again = push(client, token, LINES, **key), push(client, token, LINES, **key)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert IntakeRun.objects.count() == 1


@pytest.mark.req("SSI-NFR-22", "SSI-NFR-25")
def test_what_is_hostile_or_not_allowed_is_refused_and_leaves_nothing(client, token):
    gz = {"headers": {"Content-Encoding": "gzip"}}
    bomb = gzip.compress(b" " * (LARGEST_UNPACKED + 1))
    assert push(client, token, bomb, **gz).status_code == 413
    assert push(client, token, gzip.compress(LINES)[:-9], **gz).json()["code"] == "bad_gzip"
    assert push(client, token, gzip.compress(LINES) * 2, **gz).json()["code"] == "bad_gzip"
    assert push(client, token, b" \n").json()["code"] == "empty_file"
    assert push(client, token, LINES, content_type="application/pdf").status_code == 415
    assert push(client, token, LINES, kind="nothing").status_code == 422
    own = make.make_user_id("90-B3-D5-1F-30-01-00-00", make.make_organisation("Alder Energy"))
    ann = make.make_person("ann", [(own, JobTypeRole.ALL_ACCESS)])
    assert push(client, make.bearer(ann), LINES).status_code == 403
    assert IntakeRun.objects.count() == 0


@pytest.mark.req("SSI-NFR-35", "SSI-NFR-22")
def test_a_pushed_archive_is_answered_entry_by_entry_within_the_same_bounds(client, token):
    packed = {"content_type": "application/zip"}
    body = push(client, token, zipped(("a.ndjson", LINES), ("b.ndjson", b"{}")), **packed).json()
    assert (body["accepted"], body["refused"]) == (3, 1)
    assert [(one["file"], one["line"]) for one in body["refusals"]] == [("push.zip/b.ndjson", 1)]
    too_much = zipped(("a.ndjson", b" " * (LARGEST_UNPACKED + 1)))
    assert push(client, token, too_much, **packed).status_code == 413
    # Whatever it is said to be: what it is counts.
    assert push(client, token, too_much).json()["code"] == "too_large"
    assert (
        push(client, token, zipped(("a", b"x"))[:-5], **packed).json()["code"] == "unreadable_file"
    )
    xml = push(client, token, b"<a/>", content_type="application/xml").json()
    assert [one["code"] for one in xml["refusals"]] == ["not_a_request"]


@pytest.fixture
def northmast(client):
    """The service account of a CSP's system, and how the operator changes what it may push."""
    keeper = make.make_person("keeper", desk=[DeskRole.ADMINISTRATOR])
    csp = make.make_organisation("Northmast", "SERVICE_PROVIDER")
    given = {
        "username": "northmast.hubs",
        "name": "Hub data",
        "purpose": "Sends hub data every minute. Nora answers for it.",
        "organisation_id": csp.pk,
        "feeds": ["hubs"],
    }
    path, json = "/api/v1/service-accounts", "application/json"
    account = client.post(path, given, json, **make.bearer(keeper)).json()
    token = make.bearer(Person.objects.get(pk=account["id"]))

    def allow(*feeds: str):
        url = f"{path}/{account['id']}"
        version = {"headers": {"If-Match": client.get(url, **make.bearer(keeper))["ETag"]}}
        return client.put(url, given | {"feeds": feeds}, json, **make.bearer(keeper), **version)

    return token, allow


@pytest.mark.req("FSM-17", "SSI-NFR-25")
def test_a_service_account_pushes_the_kinds_it_was_given_and_nothing_else(client, northmast):
    token, allow = northmast
    hubs = b"chf_device_id\n"
    csv = {"content_type": "text/csv"}
    # It gets past the question of rights: what is wrong then is the file.
    assert push(client, token, hubs, kind="hubs", **csv).json()["code"] == "unreadable_file"
    refused = [push(client, token, LINES, kind=kind) for kind in ("trail", "no-such-kind")]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(403, "not_allowed")}
    assert client.get("/api/v1/incidents", **token).status_code == 403

    assert allow("trail").json()["feeds"] == ["trail"]
    assert push(client, token, LINES).json()["accepted"] == 3
    assert push(client, token, hubs, kind="hubs", **csv).status_code == 403
    entry = ActivityEntry.objects.get(verb="identity.change_service_account")
    assert (entry.detail["before"]["feeds"], entry.detail["after"]["feeds"]) == (
        ["hubs"],
        ["trail"],
    )
    assert allow().json()["feeds"] == []
    assert push(client, token, LINES).status_code == 403
    assert allow("nothing").json()["errors"]["feeds"]


@pytest.mark.req("FSM-17", "SSI-NFR-25")
def test_no_party_gives_its_programs_a_feed(client):
    own = make.make_user_id("90-B3-D5-1F-30-01-00-00", make.make_organisation("Alder Energy"))
    ann = make.make_person("ann", [(own, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    given = {"username": "alder.x", "name": "X", "purpose": "Y", "feeds": ["trail"]}
    answer = client.post("/api/v1/service-accounts", given, "application/json", **make.bearer(ann))
    assert answer.status_code == 422
    make.log_in(client, ann)
    page = client.get("/service-accounts/new/").content.decode()
    assert "Data it may push" not in page
    make.log_in(client, make.make_person("keeper", desk=[DeskRole.ADMINISTRATOR]))
    assert "Data it may push" in client.get("/service-accounts/new/").content.decode()


@pytest.mark.req("SSI-NFR-22")
def test_too_many_batches_at_once_are_asked_to_come_back(client, token):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            for place in range(MOST_AT_ONCE):
                cursor.execute("select pg_advisory_lock(hashtext('push:trail'), %s)", [place])
        answer = push(client, token, LINES)
        assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    finally:
        other.close()
    assert push(client, token, LINES).status_code == 200


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


@pytest.mark.req("SSI-NFR-35")
def test_a_late_feed_is_told_once_until_it_is_fresh_again(client, token, settings, tmp_path):
    settings.FEED_HOURS, settings.OPERATOR_EMAIL = {"trail": 3}, "desk@operator.example"
    at = NOW.replace(day=1)
    push(client, token, LINES)
    assert watch_feeds(at=at) == 0
    late_at = at + timedelta(hours=3)
    assert [watch_feeds(at=late_at), watch_feeds(at=late_at)] == [1, 0]
    fresh = orjson.dumps(request_line(9, received_at=late_at.isoformat(), status_history=[]))
    push(client, token, fresh)
    assert watch_feeds(at=late_at) == 0
    assert watch_feeds(at=late_at + timedelta(hours=4)) == 1

    olga = make.make_person("otto", desk=[DeskRole.ADMINISTRATOR])
    make.log_in(client, olga)
    page = client.get("/desk/feeds/").content.decode()
    assert "Some data is older than it may be" in page
    assert "Not watched" in page

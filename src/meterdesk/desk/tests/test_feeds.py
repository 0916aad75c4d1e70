"""Data pushed by programs: whole, once, and with an answer to each; feeds that fall silent."""

import gzip
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.test import Client

from meterdesk.desk.actions.feeds import watch_feeds
from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.platform.intake.pushes import LARGEST_UNPACKED, MOST_AT_ONCE
from meterdesk.platform.models import ActivityEntry, IntakeRun
from meterdesk.platform.tests.archives import zipped
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

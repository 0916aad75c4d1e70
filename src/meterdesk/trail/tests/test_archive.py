"""Closed days as Parquet: whole, compared, only then dropped, and found with the same rights."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone

from meterdesk.federation.tests.factories import make_federation
from meterdesk.identity.actions import rescind_grant, revoke_token
from meterdesk.identity.models import Person
from meterdesk.identity.queries import actor_of
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, TooMany, Unavailable
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.models import IntakeRefusal
from meterdesk.trail import actions, jobs, queries
from meterdesk.trail.actions import archive as writing
from meterdesk.trail.models import ArchivedDay, ArchiveRequest
from meterdesk.trail.queries import MeterReadSearch, TrailSearch
from meterdesk.trail.queries.held import partition_days
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import DEVICE, SUPPLIER, alert_line, request_line, response_line

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OTHER = "90-B3-D5-1F-30-03-00-00"
NOW = timezone.now()
OLD = (NOW - timedelta(days=120)).replace(hour=9, minute=30, second=0, microsecond=123_456)
RECENT = NOW - timedelta(days=20)


@pytest.fixture
def take_in(tmp_path):
    return partial(lines.take_in, tmp_path)


@pytest.fixture
def place(tmp_path, settings):
    settings.TRAIL_ARCHIVE = str(tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def own():
    make.make_user_id(SUPPLIER, make.make_organisation("Alder Energy"))
    return make.actor_for(make.make_person("ann", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]))


def at(instant: datetime) -> dict[str, str]:
    return {"received_at": instant.isoformat()}


def a_day() -> list[dict]:
    """Messages of every kind, by two companies, with text that CSV finds hard."""
    history = [
        {"status": 'Held, "then" sent\n', "at": OLD.isoformat()},
        {"status": "Success", "at": (OLD + timedelta(seconds=4)).isoformat()},
    ]
    done = (OLD + timedelta(seconds=4)).isoformat()
    answered = {"status": "Success", "responded_at": done, "response_code": "I0"}
    theirs = {"request_id": f"{OTHER}:{DEVICE}:3", "originator": OTHER}
    return [
        request_line(1, **at(OLD), **answered, status_history=history),
        request_line(2, **at(OLD), srv="7.4", service_reference="7.4", status_history=[]),
        request_line(3, **at(OLD), **theirs, status_history=[]),
        request_line(4, **at(OLD), **{**theirs, "request_id": f"{OTHER}:{DEVICE}:4"}, srv="7.2",
                     service_reference="7.2", status_history=[]),
        alert_line(1, alert_id='A,"1', **at(OLD)),
    ]  # fmt: skip


def archived() -> int:
    return actions.archive_days(NOW.date(), 92, at=NOW)


def found(actor, search, **page) -> set[str]:
    request_id = actions.ask_archive(actor, search, at=NOW)
    actions.recall(request_id, at=NOW)
    rows = queries.recalled(actor, request_id, PageRequest(**page), NOW).items
    return {row.label[:5].strip() for row in rows}


@pytest.mark.req("AUD-1")
def test_a_day_is_written_compared_dropped_and_found_again_as_it_was(take_in, place, own):
    assert take_in(*a_day(), request_line(9, **at(RECENT), status_history=[])) == (6, 0, 0)
    rows = queries.search_trail(own, TrailSearch(DEVICE), PageRequest()).items
    before = [queries.trail_record(own, row.id) for row in rows]

    assert archived() == 1
    assert partition_days(OLD.date(), OLD.date()) == set()
    day = ArchivedDay.objects.get()
    assert (day.rows, day.size) == (5, (place / day.path).stat().st_size)
    assert pq.read_metadata(place / day.path).num_rows == 5
    assert archived() == 0
    assert [one for _day, one in queries.check_archive()] == [""]

    assert found(own, TrailSearch(DEVICE)) == {"4.8.1", "7.4 R", "81A0"}
    assert [queries.trail_record(own, row.id) for row in rows] == before


@pytest.mark.req("AUD-1", "SSI-FR-6a")
def test_the_archive_shows_a_reader_no_more_than_the_trail_did(take_in, place, own):
    make.make_user_id(OTHER, make.make_organisation("Birch Energy"))
    bob = make.actor_for(make.make_person("bob", [(OTHER, JobTypeRole.ALL_ACCESS)]))
    take_in(*a_day())
    archived()
    assert found(own, TrailSearch(DEVICE)) == {"4.8.1", "7.4 R", "81A0"}
    assert found(bob, TrailSearch(DEVICE)) == {"4.8.1", "7.2 D"}
    assert found(own, TrailSearch(DEVICE, srvs=("7.4",))) == {"7.4 R"}
    assert found(own, MeterReadSearch(DEVICE)) == {"4.8.1"}
    bobs = ArchiveRequest.objects.filter(username="bob").get()
    with pytest.raises(NotVisible):
        queries.recalled(own, bobs.pk, PageRequest(), NOW)
    with pytest.raises(NotVisible):
        queries.archive_request(own, bobs.pk, NOW)
    theirs = queries.recalled(bob, bobs.pk, PageRequest(), NOW).items
    assert [queries.trail_record(own, row.id) for row in theirs] == [None, None]


@pytest.mark.req("SSI-FR-6a")
def test_a_grant_rescinded_takes_away_what_the_archive_had_found(take_in, place, own):
    birch = make.make_organisation("Birch Energy")
    make.make_user_id(OTHER, birch)
    grant_id = make.grant(SUPPLIER, OTHER)
    pat = make.make_person("pat", [(SUPPLIER, JobTypeRole.ALL_ACCESS)], organisation=birch)
    take_in(*a_day())
    archived()
    assert len(found(make.actor_for(pat), TrailSearch(DEVICE))) == 3
    rescind_grant(None, grant_id, at=timezone.now())
    request_id = ArchiveRequest.objects.get().pk
    assert not queries.recalled(make.actor_for(pat), request_id, PageRequest(), NOW).items


@pytest.mark.req("AUD-1", "SSI-NFR-19")
def test_whom_a_provider_vouches_for_is_found_what_the_assertion_still_gives(take_in, place):
    alder = make.make_organisation("Alder Energy")
    make.make_user_id(SUPPLIER, alder)
    pat = make.make_person("pat", organisation=alder)
    asserted = {
        "provider_id": make_federation(alder.name).provider.pk,
        "roles": [JobTypeRole.ALL_ACCESS],
        "user_ids": [SUPPLIER, OTHER],
    }
    make.make_user_id(OTHER, make.make_organisation("Birch Power"))
    take_in(*a_day())
    archived()
    assert len(found(actor_of(pat, assertion=asserted), TrailSearch(DEVICE))) == 3
    assert ArchiveRequest.objects.get().found == 3, "nothing of a UserId that is not granted"


@pytest.mark.req("AUD-1", "FSM-17")
def test_a_token_revoked_ends_what_it_had_asked_of_the_archive(take_in, place, own):
    take_in(*a_day())
    archived()
    ann = Person.objects.get(username="ann")
    make.token_for(ann)
    token = ann.api_tokens.get()
    actions.ask_archive(actor_of(ann, token=token), TrailSearch(DEVICE), at=NOW)
    revoke_token(own, token.pk, at=NOW)
    request = ArchiveRequest.objects.get()
    assert actions.recall(request.pk, at=NOW) == 0
    request.refresh_from_db()
    assert (request.state, "token" in request.note) == (ArchiveRequest.State.FAILED, True)


@pytest.mark.req("AUD-1", "SSI-FR-6a")
def test_whoever_got_more_rights_since_is_found_what_they_give(take_in, place):
    alder = make.make_organisation("Alder Energy")
    for eui in (SUPPLIER, OTHER):
        make.make_user_id(eui, alder)
    pat = make.make_person("pat", [(OTHER, JobTypeRole.ALL_ACCESS)])
    take_in(*a_day())
    archived()
    first = actions.ask_archive(make.actor_for(pat), TrailSearch(DEVICE), at=NOW)
    assert actions.ask_archive(make.actor_for(pat), TrailSearch(DEVICE), at=NOW) == first
    assert found(make.actor_for(pat), TrailSearch(DEVICE)) == {"4.8.1", "7.2 D"}
    pat.role_assignments.create(
        user_id_id=SUPPLIER, job_type_role=JobTypeRole.ALL_ACCESS, assigned_at=NOW
    )
    everything = {"4.8.1", "7.2 D", "7.4 R", "81A0"}
    assert found(make.actor_for(pat), TrailSearch(DEVICE)) == everything


@pytest.mark.req("AUD-1")
def test_nothing_is_added_to_a_day_in_the_archive(take_in, place):
    take_in(*a_day())
    archived()
    late = response_line(2, **at(OLD), responded_at=(OLD + timedelta(days=1)).isoformat())
    assert take_in(request_line(7, **at(OLD), status_history=[]), late, alert_line(8)) == (1, 0, 2)
    codes = IntakeRefusal.objects.values_list("code", flat=True)
    assert set(codes) == {"day_archived"}
    assert partition_days(OLD.date(), OLD.date()) == set()


@pytest.mark.req("AUD-1", "SSI-NFR-22")
def test_a_process_killed_between_any_two_steps_loses_nothing(take_in, place, monkeypatch):
    take_in(*a_day())
    for step in ("write_day", "_compare", "digest_of", "drop_partition"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(writing, step, lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
            archived()
        assert partition_days(OLD.date(), OLD.date()) == {OLD.date()}
        assert ArchivedDay.objects.get().archived_at is None
    assert archived() == 1
    assert ArchivedDay.objects.get().rows == 5


@pytest.mark.req("AUD-1")
def test_a_file_that_differs_from_its_day_keeps_the_day(take_in, place, monkeypatch):
    take_in(*a_day())
    write = writing.write_day

    def spoil(*given):
        written = write(*given)
        with connection.cursor() as cursor:
            cursor.execute("update trail_message set anomaly = true where srv is null")
        return written

    monkeypatch.setattr(writing, "write_day", spoil)
    with pytest.raises(Conflict, match="differs"):
        archived()
    assert partition_days(OLD.date(), OLD.date()) == {OLD.date()}


@pytest.mark.req("AUD-1")
def test_what_was_asked_is_looked_up_once_and_a_few_at_a_time(take_in, place, own):
    take_in(*a_day())
    with pytest.raises(Refused, match="No day of this period"):
        actions.ask_archive(own, TrailSearch(DEVICE), at=NOW)
    archived()
    first = actions.ask_archive(own, TrailSearch(DEVICE), at=NOW)
    assert actions.ask_archive(own, TrailSearch(DEVICE.lower()), at=NOW) == first
    for number in range(4):
        actions.ask_archive(own, TrailSearch(f"00-DB-12-34-56-78-90-0{number}"), at=NOW)
    with pytest.raises(TooMany):
        actions.ask_archive(own, TrailSearch(SUPPLIER), at=NOW)
    assert actions.forget_requests(NOW + timedelta(days=8)) == 5


@pytest.mark.req("AUD-1")
def test_an_archive_that_is_away_is_said_so_and_a_file_changed_is_found(take_in, place, own):
    take_in(*a_day())
    archived()
    file = place / ArchivedDay.objects.get().path
    file.write_bytes(file.read_bytes()[:-9])
    assert [bool(one) for _day, one in queries.check_archive()] == [True]
    file.unlink()
    request_id = actions.ask_archive(own, TrailSearch(DEVICE), at=NOW)
    with pytest.raises(Unavailable):
        actions.recall(request_id, at=NOW)
    assert ArchiveRequest.objects.get().state == ArchiveRequest.State.WAITING


@pytest.mark.req("AUD-1")
def test_days_whose_years_are_over_are_removed_and_stay_closed(take_in, place):
    take_in(*a_day())
    archived()
    assert actions.forget_old_days(OLD.date(), at=NOW) == 0
    assert actions.forget_old_days(OLD.date() + timedelta(days=1), at=NOW) == 1
    assert not list(place.rglob("*.parquet"))
    assert actions.forget_old_days(OLD.date() + timedelta(days=1), at=NOW) == 0
    assert take_in(request_line(7, **at(OLD), status_history=[])) == (0, 0, 1)


@pytest.mark.req("AUD-1")
def test_many_rows_fill_row_groups_and_one_device_is_found_in_few(take_in, place, monkeypatch):
    monkeypatch.setattr(writing, "ROW_GROUP", 50)
    day = OLD.replace(hour=0, tzinfo=UTC)
    given = []
    for number in range(400):
        device = f"00-DB-12-34-56-78-{number % 40:02X}-{number % 7:02X}"
        moment = day + timedelta(minutes=number)
        given.append(
            request_line(
                number,
                request_id=f"{SUPPLIER}:{device}:{number}",
                device_id=device,
                received_at=moment.isoformat(),
                status_history=[],
            )
        )
    assert take_in(*given) == (400, 0, 0)
    archived()
    metadata = pq.read_metadata(place / ArchivedDay.objects.get().path)
    assert metadata.num_row_groups == 8
    ranges = [metadata.row_group(group).column(0).statistics for group in range(8)]
    assert all(one.max <= after.min for one, after in pairwise(ranges))


@pytest.mark.req("SSI-FR-6", "SSI-FR-70")
def test_the_search_offers_the_archive_and_shows_what_it_held(take_in, place, own, client):
    ann = Person.objects.get(username="ann")
    make.log_in(client, ann)
    take_in(*a_day())
    assert "is in the archive" not in client.get("/trail/", {"device_id": DEVICE}).content.decode()
    archived()
    page = client.get("/trail/", {"device_id": DEVICE, "srv": "7.4"}).content.decode()
    assert "Part of this period is in the archive" in page
    asked = client.post("/trail/archive/", {"kind": "trail", "device_id": DEVICE, "srv": "7.4"})
    assert asked.status_code == 302
    assert "ready in a few minutes" in client.get(asked["Location"]).content.decode()

    jobs.recall_messages(ArchiveRequest.objects.get().pk)
    there = client.get(asked["Location"]).content.decode()
    assert "7.4 Read Supply Status" in there
    assert "4.8.1" not in there
    assert client.get(asked["Location"] + "progress")["HX-Refresh"] == "true"
    file = b"".join(client.get(asked["Location"] + "export.csv").streaming_content).decode()
    assert len(file.splitlines()) == 2

    token = make.bearer(ann)
    body = {"device_id": DEVICE, "srv": ["7.4"]}
    again = client.post(
        "/api/v1/trail-archive-requests", body, content_type="application/json", **token
    )
    assert (again.status_code, again.json()["state"]) == (202, "READY")
    url = f"/api/v1/trail-archive-requests/{again.json()['id']}"
    [row] = client.get(f"{url}/messages", **token).json()["items"]
    details = client.get(f"/api/v1/service-audit/{row['id']}", **token).json()
    assert details["service_reference_variant"] == "7.4"

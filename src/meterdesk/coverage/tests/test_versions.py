"""A load of the whole country counts from one moment, whole, and says before what it changes."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from meterdesk.coverage import jobs
from meterdesk.coverage.actions.switching import (
    NOT_SWITCHED,
    ask_switch,
    give_up_silent_switches,
    refuse_version,
    remove_rows,
    switch_version,
)
from meterdesk.coverage.actions.versions import stop_silent_versions
from meterdesk.coverage.models import CoverageRow, CoverageVersion, LoadedRow, OutcodeDifference
from meterdesk.coverage.queries import (
    CoverageSearch,
    coverage_for_premises,
    coverage_of,
    coverage_source,
)
from meterdesk.coverage.tests.test_intake import GOOD, HEADER, taken
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person, make_user_id
from meterdesk.kernel.errors import Conflict, NotAllowed, Stale
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRun
from meterdesk.registration.tests import files as registration

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WHOLE = HEADER + (
    "AB1 0AJ,,North,No,2027-01-01,Low,Standard 420,,No,,,\n"
    "CB1 2ZZ,,South,Yes,,High,Cellular,,,,,\n"
    "M1 1AA,,North,Yes,,High,Standard 420,,,,,\n"
)


def load(folder: Path, text: str, name: str = "whole.csv") -> tuple[IntakeRun, CoverageVersion]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return run_intake("coverage-whole", [path]), CoverageVersion.objects.latest("pk")


def switched_in(loaded: CoverageVersion) -> None:
    ask_switch(None, loaded.pk, at=timezone.now())
    assert switch_version(loaded.pk, at=timezone.now())


@pytest.mark.req("SSI-FR-13", "SSI-NFR-35")
def test_an_answer_names_the_run_that_told_of_it(tmp_path: Path) -> None:
    desk = actor_for(make_person(desk=[DeskRole.AGENT]))

    def file_of(postcode: str) -> str | None:
        (answer,) = coverage_of(desk, CoverageSearch(postcode)).items
        source = coverage_source(desk, answer)
        return source.file if source else None

    taken(tmp_path / "day.csv", HEADER + "AB1 0AJ,,North,Yes,,High,Standard 420,,,,,\n")
    assert file_of("AB1 0AJ") == "day.csv"
    _run, loaded = load(tmp_path, WHOLE)
    assert file_of("AB1 0AJ") == "day.csv", "the version does not count yet"
    switched_in(loaded)
    assert file_of("AB1 0AJ") == file_of("M1 1AA") == "whole.csv"


@pytest.mark.req("SSI-FR-12", "SSI-FR-13")
def test_a_version_counts_once_it_is_switched_in_and_not_before(tmp_path: Path) -> None:
    taken(tmp_path / "c.csv", GOOD)
    registration.make_parties()
    registration.take_in(tmp_path, registration.electricity(), registration.gas())
    run, loaded = load(tmp_path, WHOLE)
    assert (run.accepted, run.refused, loaded.state) == (3, 0, "READY")
    assert CoverageRow.objects.count() == 3
    before = coverage_for_premises("AB1 0AJ", "")
    assert before is not None
    assert before.coverage_available
    rows = OutcodeDifference.objects.order_by("outcode").values_list(
        "outcode", "added", "removed", "changed", "gained", "lost", "premises_gained",
        "premises_lost",
    )  # fmt: skip
    assert list(rows) == [
        ("AB1", 0, 1, 1, 0, 1, 0, 1),
        ("CB1", 0, 0, 1, 1, 0, 0, 0),
        ("M1", 1, 0, 0, 1, 0, 0, 0),
    ]
    switched_in(loaded)
    after = coverage_for_premises("AB1 0AJ", "Rose Cottage, rear")
    assert after is not None
    assert (after.coverage_available, after.property_name) == (False, "")
    assert set(CoverageRow.objects.values_list("postcode", flat=True)) == {
        "AB1 0AJ",
        "CB1 2ZZ",
        "M1 1AA",
    }


@pytest.mark.req("SSI-FR-13")
def test_the_version_before_is_kept_and_the_one_before_that_is_not(tmp_path: Path) -> None:
    numbers = []
    for text in (WHOLE, WHOLE.replace("High", "Low"), WHOLE.replace("High", "Medium")):
        _run, loaded = load(tmp_path, text)
        switched_in(loaded)
        numbers.append(loaded.pk)
    states = dict(CoverageVersion.objects.values_list("pk", "state"))
    assert [states[one] for one in numbers] == ["RETIRED", "PREVIOUS", "CURRENT"]
    assert remove_rows() == 3
    assert set(LoadedRow.objects.values_list("version_id", flat=True)) == set(numbers[1:])


@pytest.mark.req("SSI-FR-13")
def test_wrong_rows_and_places_named_twice_are_refused_by_line(tmp_path: Path) -> None:
    bad = WHOLE + "AB1,,North,Yes,,,,,,,,\nM1 1AA,,South,Yes,,,,,,,,\nM1 1AA,,Nor"
    run, loaded = load(tmp_path, bad)
    codes = dict(run.refusals.values_list("line", "code"))
    assert codes == {5: "invalid_identifier", 6: "said_again", 7: "wrong_column_count"}
    assert (loaded.rows, loaded.refused) == (3, 3)


@pytest.mark.req("SSI-FR-13")
def test_an_empty_version_is_put_away_by_itself(tmp_path: Path) -> None:
    _run, loaded = load(tmp_path, HEADER)
    assert loaded.state == "REFUSED"


@pytest.mark.req("SSI-FR-13", "SSI-NFR-28")
def test_who_takes_files_in_decides_and_two_deciding_are_told(tmp_path: Path) -> None:
    administrator = actor_for(make_person("admin", desk=[DeskRole.ADMINISTRATOR]))
    agent = actor_for(make_person("agent", desk=[DeskRole.AGENT]))
    _run, loaded = load(tmp_path, WHOLE)
    with pytest.raises(NotAllowed):
        ask_switch(agent, loaded.pk, at=timezone.now())
    with pytest.raises(Stale):
        ask_switch(administrator, loaded.pk, at=timezone.now(), version=99)
    refuse_version(administrator, loaded.pk, at=timezone.now(), version=loaded.version)
    with pytest.raises(Conflict):
        ask_switch(administrator, loaded.pk, at=timezone.now())
    assert remove_rows() == 3
    assert not LoadedRow.objects.exists()


@pytest.mark.req("SSI-FR-13")
def test_a_load_that_went_quiet_is_put_away() -> None:
    now = timezone.now()
    old = now.replace(year=now.year - 1)
    CoverageVersion.objects.create(name="half.csv", begun_at=old, heard_at=old)
    assert stop_silent_versions(now) == 1
    assert CoverageVersion.objects.get().state == "REFUSED"


@pytest.mark.req("SSI-FR-13")
def test_the_desk_sees_what_would_change_and_switches(client: Client, tmp_path: Path) -> None:
    taken(tmp_path / "c.csv", GOOD)
    _run, loaded = load(tmp_path, WHOLE)
    log_in(client, make_person("admin", desk=[DeskRole.ADMINISTRATOR]))
    page = client.get(f"/coverage/versions/{loaded.pk}/").content.decode()
    assert "Let it count" in page
    assert "CB1" in page
    asked = client.get(f"/coverage/versions/{loaded.pk}/switch/").content.decode()
    assert "all at once" in asked
    done = client.post(
        f"/coverage/versions/{loaded.pk}/switch/", {"version": loaded.version}, follow=True
    )
    page = done.content.decode()
    assert "This version is being switched in." in page
    assert "Waiting for its turn" in page
    assert "Let it count" not in page
    before = coverage_for_premises("M1 1AA", "")
    progress = client.get(f"/coverage/versions/{loaded.pk}/progress", headers={"X-Poll": "1"})
    assert (before, "HX-Refresh" in progress) == (None, False)

    jobs.switch_version(version_id=loaded.pk)
    assert coverage_for_premises("M1 1AA", "") is not None
    progress = client.get(f"/coverage/versions/{loaded.pk}/progress", headers={"X-Poll": "1"})
    assert progress["HX-Refresh"] == "true"
    page = client.get(f"/coverage/versions/{loaded.pk}/").content.decode()
    assert "Current" in page
    supplier = make_person("", [(make_user_id(), JobTypeRole.ALL_ACCESS)])
    log_in(client, supplier)
    assert client.get("/coverage/versions/").status_code == 403


@pytest.mark.req("SSI-FR-13")
def test_versions_are_switched_in_one_at_a_time(tmp_path: Path) -> None:
    administrator = actor_for(make_person("admin", desk=[DeskRole.ADMINISTRATOR]))
    now = timezone.now()
    _run, first = load(tmp_path, WHOLE)
    _run, second = load(tmp_path, WHOLE.replace("High", "Low"))
    ask_switch(administrator, first.pk, at=now)
    with pytest.raises(Conflict, match=f"Version {first.pk} is being switched in"):
        ask_switch(administrator, second.pk, at=now)
    with pytest.raises(Conflict, match="being switched in, not ready"):
        refuse_version(administrator, first.pk, at=now)
    assert switch_version(first.pk, at=now)
    assert not switch_version(first.pk, at=now), "its job run again changes nothing"
    ask_switch(administrator, second.pk, at=now)


@pytest.mark.req("SSI-FR-13", "SSI-NFR-28")
def test_a_version_is_decided_by_api_as_it_was_read(client: Client, tmp_path: Path) -> None:
    _run, loaded = load(tmp_path, WHOLE)
    url, json = f"/api/v1/coverage/versions/{loaded.pk}", "application/json"
    desk = bearer(make_person("admin", desk=[DeskRole.ADMINISTRATOR]))
    tag = client.get(url, **desk)["ETag"]

    def decide(token: dict[str, str], **more: str) -> HttpResponse:
        return client.post(f"{url}/decision", {"decision": "switch"}, json, **token, **more)

    found = client.get(f"{url}/differences?limit=2", **desk).json()
    assert [(one["outcode"], one["added"], one["gained"]) for one in found["items"]] == [
        ("AB1", 1, 0),
        ("CB1", 1, 1),
    ]
    rest = client.get(f"{url}/differences?cursor={found['next']}", **desk).json()
    assert [one["outcode"] for one in rest["items"]] == ["M1"]
    assert client.get("/api/v1/coverage/versions/999/differences", **desk).status_code == 404
    agent = bearer(make_person("agent", desk=[DeskRole.AGENT]))
    assert decide(agent).status_code == 403
    assert decide(desk, HTTP_IF_MATCH='"v99"').status_code == 412
    decided = decide(desk, HTTP_IF_MATCH=tag)
    assert (decided.status_code, decided.json()["state"]) == (201, "SWITCHING")
    assert decide(desk).status_code == 409
    jobs.switch_version(version_id=loaded.pk)
    assert client.get(url, **desk).json()["state"] == "CURRENT"


@pytest.mark.req("SSI-FR-13", "SSI-NFR-28")
def test_a_switch_that_broke_off_changes_nothing_and_is_begun_again(
    client: Client, tmp_path: Path
) -> None:
    taken(tmp_path / "c.csv", GOOD)
    _run, loaded = load(tmp_path, WHOLE)
    held, now = sorted(CoverageRow.objects.values_list("pk")), timezone.now()
    ask_switch(None, loaded.pk, at=now)
    with connection.cursor() as cursor:
        cursor.execute(BROKEN)
        with pytest.raises(OperationalError), transaction.atomic():
            switch_version(loaded.pk, at=now)
        assert sorted(CoverageRow.objects.values_list("pk")) == held
        cursor.execute("drop trigger break_off on coverage_outcodesummary")
    assert give_up_silent_switches(now + timedelta(minutes=59)) == 0
    assert give_up_silent_switches(now + timedelta(minutes=61)) == 1
    assert not switch_version(loaded.pk, at=now), "a late try of its job"
    log_in(client, make_person("admin", desk=[DeskRole.ADMINISTRATOR]))
    page = client.get(f"/coverage/versions/{loaded.pk}/").content.decode()
    assert NOT_SWITCHED in page
    assert "Let it count" in page
    switched_in(loaded)


BROKEN = """
create function break_off() returns trigger language plpgsql as $$
begin
    raise exception 'no room' using errcode = 'disk_full';
end $$;
create trigger break_off before insert on coverage_outcodesummary
    for each row execute function break_off();
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("SSI-FR-13")
def test_a_reader_sees_the_old_or_the_new_whole(tmp_path: Path) -> None:
    taken(tmp_path / "c.csv", GOOD)
    _run, loaded = load(tmp_path, WHOLE)
    seen: set[tuple[int, ...]] = set()
    is_over = threading.Event()

    def read() -> None:
        while True:
            last = is_over.is_set()
            with connection.cursor() as cursor:
                cursor.execute(
                    "select count(*), count(*) filter (where postcode = 'M1 1AA'),"
                    " count(*) filter (where property_key <> '') from coverage_coveragerow"
                )
                seen.add(cursor.fetchone())
            if last:
                break
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    switched_in(loaded)
    is_over.set()
    reader.join()
    assert seen <= {(3, 0, 1), (3, 1, 0)}
    assert (3, 1, 0) in seen

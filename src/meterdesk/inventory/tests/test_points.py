"""Meter points as a list: whose, on which day, which of them, by screen, file and API."""

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.models import Person, UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.inventory.queries import PointRow, meter_points
from meterdesk.inventory.rules.points import OwnRole, PointSearch
from meterdesk.inventory.tests.files import METER, device_row
from meterdesk.inventory.tests.files import take_in as take_in_devices
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.registration.actions import (
    Difference,
    ProviderDetails,
    add_provider,
    report_misalignment,
)
from meterdesk.registration.models import Registration
from meterdesk.registration.queries import responsible_at
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.rules.troubles import Master
from meterdesk.registration.tests.files import (
    AGENT,
    DISTRIBUTOR,
    GAS_SUPPLIER,
    IMPORT_MPAN,
    MPRN,
    OUTSIDER,
    RIVAL,
    SUPPLIER,
    electricity,
    gas,
    make_parties,
    take_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("REG-2")]

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TOWN_MPAN = "2000050773706"
TOWN = "77,1,Low Street,Townley,EC1A 1AA"


@pytest.fixture(autouse=True)
def network(tmp_path: Path) -> None:
    """Two import points, one of which changes to a rival one day, and a gas point."""
    make_parties()
    run = take_in(
        tmp_path,
        electricity(agent=AGENT),
        electricity("2099-08-01", supplier=RIVAL, agent=AGENT),
        electricity("2025-01-01", mpan=TOWN_MPAN, address=TOWN),
        gas(),
    )
    assert run.refused == 0
    take_in_devices(tmp_path, [device_row(METER, "ESME", import_mpxn=IMPORT_MPAN)])


def reader(*user_ids: str) -> Person:
    return make_person(assignments=[(one, JobTypeRole.CALL_CENTRE_USER) for one in user_ids])


def found(person: Person, **given: str) -> dict[str, PointRow]:
    page = meter_points(actor_for(person), PointSearch.of(given), PageRequest(100), at=NOW)
    return {row.mpxn: row for row in page.items}


@pytest.mark.parametrize("few", [3_000, 0])
def test_one_lists_where_one_is_registered_and_as_what(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdesk.inventory.queries.lists.FEW_POINTS", few)
    assert set(found(reader(SUPPLIER))) == {IMPORT_MPAN, TOWN_MPAN}
    both = found(reader(SUPPLIER, GAS_SUPPLIER))
    assert both[MPRN].roles == (OwnRole.GAS_SUPPLIER,)
    assert both[IMPORT_MPAN].roles == (OwnRole.IMPORT_SUPPLIER,)
    assert found(reader(DISTRIBUTOR))[TOWN_MPAN].roles == (OwnRole.NETWORK_PARTY,)
    assert found(reader(AGENT))[IMPORT_MPAN].roles == (OwnRole.AGENT,)
    assert found(reader(OUTSIDER)) == {}
    assert found(reader(RIVAL)) == {}, "not before it takes over"
    assert found(make_person(desk=[DeskRole.AGENT])) == {}, "the operator is registered nowhere"


def test_a_change_to_come_is_a_day_without_a_name() -> None:
    row = found(reader(SUPPLIER))[IMPORT_MPAN]
    assert row.change_at == datetime(2099, 7, 31, 23, tzinfo=UTC)
    assert RIVAL not in repr(row)
    assert found(reader(SUPPLIER))[TOWN_MPAN].change_at is None
    assert set(found(reader(SUPPLIER), change="yes")) == {IMPORT_MPAN}
    assert set(found(reader(AGENT), change="yes")) == {IMPORT_MPAN}


def change_within_day(folder: Path, day: date, hour: int, supplier: str) -> None:
    """Another supplier from an hour on; providers' files know days alone."""
    take_in(folder, electricity(day.isoformat(), supplier=supplier, mpan=TOWN_MPAN))
    at = datetime.combine(day, time(hour), UTC)
    there = Registration.objects.filter(meter_point__mpxn=TOWN_MPAN)
    begun = there.filter(supplier=supplier).order_by("-active_from").values("active_from")[:1]
    midnight = begun.get()["active_from"]
    there.filter(active_from=midnight).update(active_from=at)
    there.filter(active_to=midnight).update(active_to=at)


def test_a_day_means_as_it_ends_in_the_list_as_in_who_was_responsible(tmp_path: Path) -> None:
    day, now = date(2026, 5, 10), datetime(2026, 7, 1, 12, tzinfo=UTC)
    change_within_day(tmp_path, day, 14, RIVAL)
    old, new, operator = reader(SUPPLIER), reader(RIVAL), make_person(desk=[DeskRole.AGENT])

    def on(asked: date) -> tuple[bool, bool, str | None]:
        listed = (TOWN_MPAN in found(person, on=asked.isoformat()) for person in (old, new))
        (there,) = responsible_at(actor_for(operator), [TOWN_MPAN], asked, now)
        return *listed, there.parties.supplier and there.parties.supplier.user_id

    assert on(day - timedelta(days=1)) == (True, False, SUPPLIER)
    assert on(day) == (False, True, RIVAL)
    row = found(new, on=day.isoformat())[TOWN_MPAN]
    assert row.since.date() == day, "since that day is on that day"

    change_within_day(tmp_path, now.date(), 15, SUPPLIER)
    assert on(now.date()) == (False, True, RIVAL), "of today the present: it changes at three"
    assert TOWN_MPAN in found(old, on="2026-07-02")


@pytest.mark.req("SEC-1")
def test_who_is_registered_no_longer_learns_of_no_later_change(tmp_path: Path) -> None:
    moved = "1012345678921"
    take_in(
        tmp_path,
        electricity("2020-01-01", "2021-01-01", mpan=moved, agent=AGENT),
        electricity("2021-01-01", "2022-01-01", mpan=moved),
        electricity("2022-06-01", "2023-01-01", mpan=moved, supplier=RIVAL),
        electricity("2023-01-01", mpan=moved, supplier=GAS_SUPPLIER),
    )

    def change(reader_of: str, on: str) -> date | None:
        at = found(reader(reader_of), on=on)[moved].change_at
        return at.date() if at else None

    assert change(SUPPLIER, "2020-06-01") == change(SUPPLIER, "2021-06-01") == date(2022, 1, 1)
    assert change(AGENT, "2020-06-01") is None
    assert change(RIVAL, "2022-07-01") == date(2023, 1, 1)
    assert change(DISTRIBUTOR, "2020-06-01") == date(2022, 1, 1)


def test_a_day_before_or_to_come_lists_what_was_and_will_be_ones_own() -> None:
    assert set(found(reader(RIVAL), on="2099-08-01")) == {IMPORT_MPAN}
    assert set(found(reader(SUPPLIER), on="2099-08-01")) == {TOWN_MPAN}
    assert set(found(reader(SUPPLIER), on="2024-12-31")) == {IMPORT_MPAN}
    assert found(reader(SUPPLIER), on="2024-03-31") == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"role": "import_supplier"}, {IMPORT_MPAN, TOWN_MPAN}),
        ({"role": "gas_supplier"}, {MPRN}),
        ({"role": "network_party"}, set()),
        ({"postcode": "ec1a"}, {TOWN_MPAN}),
        ({"postcode": "AB"}, {IMPORT_MPAN, MPRN}),
        ({"metered": "with"}, {IMPORT_MPAN}),
        ({"metered": "without"}, {TOWN_MPAN, MPRN}),
        ({"status": "Commissioned"}, {IMPORT_MPAN}),
        ({"status": "Suspended"}, set()),
        ({"agreed": "yes"}, {IMPORT_MPAN, TOWN_MPAN, MPRN}),
    ],
)
def test_filters_narrow_the_list(given: dict[str, str], expected: set[str]) -> None:
    assert set(found(reader(SUPPLIER, GAS_SUPPLIER), **given)) == expected


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": "tomorrow"}, "on"),
        ({"role": "landlord"}, "role"),
        ({"postcode": "1"}, "postcode"),
        ({"agreed": "no", "on": "2026-01-01"}, "agreed"),
        ({"sort": "address"}, "sort"),
    ],
)
def test_a_filter_that_cannot_be_says_which(given: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        PointSearch.of(given)
    assert set(refused.value.fields) == {field}


@pytest.mark.req("REG-3")
def test_data_in_doubt_are_marked_for_those_registered_now() -> None:
    report_difference(IMPORT_MPAN)
    person = reader(SUPPLIER)
    assert found(person)[IMPORT_MPAN].is_disputed
    assert set(found(person, agreed="no")) == {IMPORT_MPAN}
    assert set(found(person, agreed="yes")) == {TOWN_MPAN}
    assert not found(person, on="2026-06-01")[IMPORT_MPAN].is_disputed


def report_difference(mpxn: str) -> None:
    """Have the operator note that the provider says another supplier."""
    keeper = actor_for(make_person(desk=[DeskRole.ADMINISTRATOR]))
    party = UserId.objects.get(eui=DISTRIBUTOR)
    details = ProviderDetails(
        code="NORTH",
        name="Northern Data",
        fuel=Fuel.ELECTRICITY,
        organisation_id=party.organisation_id,
        user_id=party.eui,
        due_time=time(6),
        due_since=date(2026, 1, 1),
    )
    add_provider(keeper, details, at=NOW)
    difference = Difference(mpxn, "Supplier", SUPPLIER, RIVAL, Master.PROVIDER)
    report_misalignment(keeper, "NORTH", difference, at=NOW)


@pytest.mark.req("SSI-FR-70", "SSI-NFR-2")
def test_pages_sorting_the_file_and_the_api(client: Client) -> None:
    person = reader(SUPPLIER, GAS_SUPPLIER)
    log_in(client, person)
    page = client.get("/devices/portfolio/points/", {"sort": "-postcode"}).content.decode()
    assert page.index(TOWN_MPAN) < page.index(IMPORT_MPAN)
    assert f'href="/premises/{TOWN_MPAN}/"' in page
    assert "3 meter points" in page
    assert client.get("/devices/portfolio/points/", {"role": "x"}).status_code == 422
    file: Any = client.get("/devices/portfolio/points/meter-points.csv", {"change": "yes"})
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["MPxN"], row["Meter"], row["SMI Status"]) == (IMPORT_MPAN, METER, "Commissioned")
    assert row["Change of supplier or end"] == "2099-07-31T23:00:00+00:00"
    headers, seen, cursor = bearer(person), [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = client.get("/api/v1/meter-points", asked, **headers).json()
        seen += [item["mpxn"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == sorted([IMPORT_MPAN, TOWN_MPAN, MPRN])
    whole: Any = client.get("/api/v1/meter-points.csv", {"role": "gas_supplier"}, **headers)
    assert b"".join(whole.streaming_content).count(b"\n") == 2


def test_filters_are_kept_by_api_for_their_person_alone(client: Client) -> None:
    own, other = bearer(reader(SUPPLIER)), bearer(reader(SUPPLIER))
    url, given = "/api/v1/saved-filters", {"name": "To lose", "filters": {"change": "yes"}}

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        return getattr(client, method)(path, body, content_type="application/json", **headers)

    made = send("post", url, given | {"of_list": "points"}, **own)
    assert made.status_code == 201
    one, tag = f"{url}/{made.json()['id']}", made["ETag"]
    assert client.get(url, {"of_list": "points"}, **own).json()["items"] == [made.json()]
    assert client.get(url, **own).json()["items"] == [], "those of the other list"
    assert client.get(one, **other).status_code == 404
    assert send("put", one, given, **other).status_code == 404
    assert client.delete(one, **other).status_code == 404
    wrong = send("put", one, given | {"filters": {"role": "landlord"}}, **own)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_filter")
    renamed = {"name": "Going", "filters": {"change": "yes", "role": "import_supplier"}}
    changed = send("put", one, renamed, HTTP_IF_MATCH=tag, **own)
    assert changed.json()["filters"] == {"role": "import_supplier", "change": "yes"}
    assert send("put", one, renamed, HTTP_IF_MATCH=tag, **own).status_code == 412
    again = send("post", url, renamed | {"of_list": "points"}, **own)
    assert (again.json()["id"], again.json()["version"]) == (made.json()["id"], 3)
    old = {"HTTP_IF_MATCH": changed["ETag"]}
    assert send("put", one, renamed, **old, **own).status_code == 412, "saved again meanwhile"
    send("post", url, given | {"of_list": "points"}, **own)
    assert send("put", one, given, **own).status_code == 409, "a name that others have"
    assert client.delete(one, HTTP_IF_MATCH=tag, **own).status_code == 412
    assert client.delete(one, **own).status_code == 204
    assert client.get(one, **own).status_code == 404


def test_filters_of_meter_points_are_kept_on_their_screen(client: Client) -> None:
    log_in(client, reader(SUPPLIER))
    given = {"name": "Not metered", "metered": "without"}
    kept = client.post("/devices/portfolio/points/filters/", given, follow=True)
    assert kept.redirect_chain == [("/devices/portfolio/points/?metered=without", 302)]
    assert "Not metered" in kept.content.decode()
    assert "Not metered" not in client.get("/devices/portfolio/").content.decode()

"""The portfolio: whose Devices, which of them, page after page, saved, and the whole as a file."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    log_in,
    make_person,
    make_user_id,
)
from meterdesk.inventory.models import SavedFilter
from meterdesk.inventory.queries import portfolio, portfolio_file
from meterdesk.inventory.queries import portfolio as read
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.inventory.tests.files import (
    DISPLAY,
    ELSEWHERE,
    GAS_METER,
    HUB,
    METER,
    MPAN,
    MPRN,
    PREPAYMENT,
    PROXY,
    UPRN,
    device_row,
    home,
    take_in,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = PageRequest(100)
OTHER_MPAN = "2000050773706"


@pytest.fixture
def electricity() -> str:
    return make_user_id()


@pytest.fixture
def gas() -> str:
    return make_user_id(role=UserRole.GS)


@pytest.fixture(autouse=True)
def network(tmp_path: Path, electricity: str, gas: str) -> None:
    """A home of two suppliers, of which the electricity's once had another, and a meter apart."""
    grid = make_user_id(role=UserRole.ED)
    head = "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,uprn,property,street"
    rows = [
        f"{head},town,postcode",
        f"{MPAN},import,2020-01-01,2021-01-01,{gas},{grid},,{UPRN},12,A,B,AB1 0AJ",
        f"{MPAN},import,2021-01-01,,{electricity},{grid},,{UPRN},12,A,B,AB1 0AJ",
        f"{MPRN},gas,2020-01-01,,{gas},{grid},,{UPRN},12,A,B,AB1 0AJ",
        f"{OTHER_MPAN},import,2020-01-01,,{make_user_id()},{grid},,77,1,A,B,EC1A 1AA",
    ]
    path = tmp_path / "registration.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run_intake("registration", [path]).refused == 0
    apart = device_row(ELSEWHERE, "ESME", import_mpxn=OTHER_MPAN, uprn="77", postcode="EC1A 1AA",
                       property="=1+1", installed_date="2025-03-01")  # fmt: skip
    take_in(tmp_path, [*home()[:-1], apart])


def person_of(user_id: str) -> Person:
    return make_person(assignments=[(user_id, JobTypeRole.CALL_CENTRE_USER)])


def found(user_id: str, **given: str) -> set[str]:
    page = portfolio(actor_for(person_of(user_id)), PortfolioSearch.of(given), EVERYTHING, at=NOW)
    return {row.device_id for row in page.items}


@pytest.mark.req("SSI-FR-3", "REG-2")
@pytest.mark.parametrize("few", [3_000, 0])
def test_ones_own_are_those_where_one_is_registered_now(
    electricity: str, gas: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdesk.inventory.queries.lists.FEW_POINTS", few)
    common = {HUB, PREPAYMENT, DISPLAY}
    assert found(electricity) == {METER, *common}
    assert found(gas) == {GAS_METER, PROXY, *common}, "the former supplier of the other fuel"
    assert found(make_user_id()) == set()
    assert found(electricity, whose="all") == {
        METER, GAS_METER, PROXY, ELSEWHERE, *common
    }  # fmt: skip


@pytest.mark.req("SSI-FR-3")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"device_type": "CHF"}, {HUB}),
        ({"manufacturer": "106c", "model": "433100ac"}, {HUB}),
        ({"firmware": "24030500"}, {METER}),
        ({"region": "South"}, {HUB}),
        ({"postcode": "ec"}, {ELSEWHERE}),
        ({"postcode": "EC1A"}, {ELSEWHERE}),
        ({"postcode": "E"}, set()),
        ({"postcode": "EC1"}, set()),
        ({"installed_from": "2025-03-01", "installed_to": "2025-03-01"}, {ELSEWHERE}),
        ({"installed_from": "2025-03-02"}, set()),
        ({"status": "Suspended"}, set()),
    ],
)
def test_filters_narrow_the_list(
    electricity: str, given: dict[str, str], expected: set[str]
) -> None:
    assert found(electricity, whose="all", **given) == expected


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"model": "xyz"}, "model"),
        ({"postcode": "1"}, "postcode"),
        ({"region": "Mars"}, "region"),
        ({"installed_from": "31/03/2025"}, "installed_from"),
        ({"installed_from": "2025-02-01", "installed_to": "2025-01-01"}, "installed_to"),
        ({"status": "Lost"}, "status"),
        ({"whose": "theirs"}, "whose"),
    ],
)
def test_a_filter_that_cannot_be_says_which(given: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        PortfolioSearch.of(given)
    assert set(refused.value.fields) == {field}


@pytest.mark.req("SSI-NFR-2")
def test_pages_follow_each_other_and_a_cursor_belongs_to_its_list(electricity: str) -> None:
    actor, search = actor_for(person_of(electricity)), PortfolioSearch.of({"whose": "all"})
    seen: list[str] = []
    page = read(actor, search, PageRequest(3), at=NOW)
    cursor = page.next
    while True:
        seen += [row.device_id for row in page.items]
        if not page.next:
            break
        page = read(actor, search, PageRequest(3, page.next), at=NOW)
    assert len(seen) == len(set(seen)) == 7
    with pytest.raises(Refused, match="does not belong"):
        read(actor, PortfolioSearch(), PageRequest(3, cursor), at=NOW)


@pytest.mark.req("SSI-FR-70", "SSI-NFR-21")
def test_the_whole_list_is_a_file_that_a_spreadsheet_opens_safely(
    client: Client, electricity: str
) -> None:
    log_in(client, person_of(electricity))
    answer: Any = client.get("/devices/portfolio/portfolio.csv", {"whose": "all"})
    assert answer["Content-Disposition"] == 'attachment; filename="portfolio.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["Device ID"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(rows) == 7
    assert rows[ELSEWHERE]["Property"] == "'=1+1"
    assert rows[METER]["Since"] == "2024-05-01T09:30:00+00:00"
    assert (rows[METER]["MPxN"], rows[DISPLAY]["SMI Status"]) == (MPAN, "")
    entry = ActivityEntry.objects.get(verb="tables.export")
    assert (entry.subject, entry.detail) == ("portfolio", {"filters": {"whose": "all"}})
    mine = b"".join(portfolio_file(actor_for(person_of(electricity)), PortfolioSearch(), at=NOW))
    assert mine.count(b"\n") == 5
    assert client.get("/devices/portfolio/portfolio.csv", {"model": "?"}).status_code == 422


@pytest.mark.req("SSI-FR-3")
def test_filters_are_kept_by_name_for_their_person_alone(client: Client, electricity: str) -> None:
    ann, bob = person_of(electricity), person_of(electricity)
    log_in(client, ann)
    given = {"name": "Gas meters", "device_type": "GSME", "whose": "all"}
    kept = client.post("/devices/portfolio/filters/", given, follow=True)
    page = kept.content.decode()
    assert kept.redirect_chain == [("/devices/portfolio/?whose=all&device_type=GSME", 302)]
    assert "Gas meters" in page
    assert GAS_METER in page
    assert METER not in page
    client.post("/devices/portfolio/filters/", {**given, "whose": "mine"})
    saved = SavedFilter.objects.get()
    assert saved.query == "whose=mine&device_type=GSME", "the same name is written over"
    assert client.post("/devices/portfolio/filters/", {**given, "name": " "}).status_code == 422
    log_in(client, bob)
    assert "Gas meters" not in client.get("/devices/portfolio/").content.decode()
    remove = f"/devices/portfolio/filters/{saved.pk}/remove/"
    assert client.post(remove).status_code == 404
    log_in(client, ann)
    assert client.post(remove).status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.req("SSI-FR-3", "SSI-NFR-2")
def test_the_portfolio_by_api(client: Client, electricity: str) -> None:
    headers = bearer(person_of(electricity))
    page = client.get("/api/v1/portfolio", {"device_type": "ESME"}, **headers).json()
    assert [item["device_id"] for item in page["items"]] == [METER]
    assert page["next"] is None
    file: Any = client.get("/api/v1/portfolio.csv", {"device_type": "ESME"}, **headers)
    assert METER.encode() in b"".join(file.streaming_content)
    wrong = client.get("/api/v1/portfolio", {"postcode": "!"}, **headers)
    assert wrong.status_code == 422

"""The last contact in the portfolio: who is shown it, asking for the silent, sorting."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    log_in,
    make_person,
    make_user_id,
)
from meterdesk.inventory.actions import note_contacts
from meterdesk.inventory.queries import ContactRow, portfolio, portfolio_extent, portfolio_file
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.inventory.tests.files import (
    DISPLAY,
    GAS_METER,
    HUB,
    METER,
    MPAN,
    MPRN,
    PREPAYMENT,
    PROXY,
    UPRN,
    home,
    take_in,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_to_int
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.intake import run_intake

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("SSI-FR-3")]

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def electricity(tmp_path: Path) -> str:
    """The electricity supplier of a home whose meter spoke in June, its hub in May."""
    electricity, gas = make_user_id(), make_user_id(role=UserRole.GS)
    grid = make_user_id(role=UserRole.ED)
    head = "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,uprn,property,street"
    rows = [
        f"{head},town,postcode",
        f"{MPAN},import,2020-01-01,,{electricity},{grid},,{UPRN},12,A,B,AB1 0AJ",
        f"{MPRN},gas,2020-01-01,,{gas},{grid},,{UPRN},12,A,B,AB1 0AJ",
    ]
    path = tmp_path / "registration.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run_intake("registration", [path]).refused == 0
    take_in(tmp_path, home()[:-1])
    june, may = datetime(2026, 6, 20, 9, tzinfo=UTC), datetime(2026, 5, 20, 9, tzinfo=UTC)
    note_contacts({eui_to_int(HUB): may, eui_to_int(METER): june, eui_to_int(GAS_METER): june})
    return electricity


def reader(user_id: str, role: JobTypeRole = JobTypeRole.ALL_ACCESS) -> Person:
    return make_person(assignments=[(user_id, role)])


def contacts(person: Person, **given: str) -> dict[str, date | None]:
    page = portfolio(actor_for(person), PortfolioSearch.of(given), PageRequest(100), at=NOW)
    return {
        row.device_id: row.last_contact_date for row in page.items if isinstance(row, ContactRow)
    }


def test_it_is_shown_of_ones_own_devices_and_to_the_operator_of_all(electricity: str) -> None:
    own = {HUB: date(2026, 5, 20), METER: date(2026, 6, 20), PREPAYMENT: None, DISPLAY: None}
    assert contacts(reader(electricity)) == own
    assert contacts(reader(electricity), whose="all") == {}, "nor of the rival's gas meter"
    desk = contacts(make_person(desk=[DeskRole.AGENT]), whose="all")
    assert desk == own | {GAS_METER: date(2026, 6, 20), PROXY: None}


def test_the_silent_are_found_among_ones_own_alone(electricity: str) -> None:
    person = reader(electricity)
    assert set(contacts(person, silent_since="2026-06-20")) == {HUB, PREPAYMENT}
    assert set(contacts(person, silent_since="2026-05-20")) == {PREPAYMENT}, "no display: Type 2"
    for given in ({"silent_since": "2026-06-20"}, {"sort": "contact"}):
        with pytest.raises(Refused) as refused:
            contacts(person, whose="all", **given)
        assert refused.value.code == "not_yours"
        search = PortfolioSearch.of({"whose": "all", **given})
        with pytest.raises(Refused, match="at your own meter points"):
            portfolio_extent(actor_for(person), search, at=NOW)
        with pytest.raises(Refused):
            portfolio_file(actor_for(person), PortfolioSearch.of({"whose": "all", **given}), at=NOW)


def test_whoever_has_the_inventory_but_not_the_audit_trail_is_not_shown_it(
    electricity: str,
) -> None:
    person = reader(electricity, JobTypeRole.LOGISTICS)
    assert contacts(person) == {}
    with pytest.raises(Refused):
        contacts(person, silent_since="2026-06-20")


def test_a_short_list_is_sorted_by_any_column_page_after_page(electricity: str) -> None:
    actor = actor_for(reader(electricity))

    def in_order(sort: str) -> list[str]:
        search, seen, cursor = PortfolioSearch.of({"sort": sort}), [], None
        while True:
            page = portfolio(actor, search, PageRequest(1, cursor), at=NOW)
            seen += [row.device_id for row in page.items]
            cursor = page.next
            if not cursor:
                return seen

    assert in_order("contact")[2:] == [HUB, METER], "those never heard of come first"
    assert in_order("-contact")[:2] == [METER, HUB]
    assert in_order("-device_id") == in_order("device_id")[::-1]
    for sort in ("device_type", "mpxn", "status", "status_at", "model", "installed", "postcode"):
        assert sorted(in_order(sort)) == sorted([HUB, METER, PREPAYMENT, DISPLAY]), sort


def test_a_long_list_keeps_its_one_order_and_says_so(
    electricity: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdesk.inventory.queries.lists.FEW_POINTS", 0)
    person = reader(electricity)
    with pytest.raises(Refused) as refused:
        contacts(person, sort="model")
    assert refused.value.code == "too_long_to_sort"
    log_in(client, person)
    page = client.get("/devices/portfolio/").content.decode()
    assert "Too long to be sorted" not in page, "it has one page alone"
    assert "sort=model" not in page
    assert "sort=-device_id" in page
    assert client.get("/devices/portfolio/", {"sort": "model"}).status_code == 422


def test_screen_file_and_api_say_the_same(electricity: str, client: Client) -> None:
    person = reader(electricity)
    log_in(client, person)
    page = client.get("/devices/portfolio/").content.decode()
    assert "20 Jun 2026" in page
    assert "4 Devices" in page
    rivals = client.get("/devices/portfolio/", {"whose": "all"}).content.decode()
    assert "20 Jun 2026" not in rivals
    assert "Last contact" not in rivals
    file: Any = client.get("/devices/portfolio/portfolio.csv", {"silent_since": "2026-06-20"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].endswith("UPRN,Last contact")
    assert lines[1].endswith("2026-05-20")
    found = client.get("/api/v1/portfolio", {"sort": "-contact", "limit": 1}, **bearer(person))
    assert found.json()["items"][0]["last_contact_date"] == "2026-06-20"
    refused = client.get(
        "/api/v1/portfolio", {"silent_since": "2026-06-20", "whose": "all"}, **bearer(person)
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "not_yours")

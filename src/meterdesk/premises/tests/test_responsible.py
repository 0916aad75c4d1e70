"""Who is or was responsible for a premises, and registration data in doubt there."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from meterdesk.hubs.tests.home import make_home
from meterdesk.identity.models import UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.incidents.tests.scene import load_categories
from meterdesk.inventory.tests.files import MPAN
from meterdesk.registration.actions import (
    Difference,
    ProviderDetails,
    add_provider,
    report_misalignment,
    settle_misalignment,
)
from meterdesk.registration.queries import premises_of
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.rules.troubles import Master
from meterdesk.registration.tests.files import DISTRIBUTOR, OUTSIDER, RIVAL, SUPPLIER, electricity
from meterdesk.registration.tests.files import take_in as take_in_parties

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URL, API = f"/premises/{MPAN}/", f"/api/v1/premises/{MPAN}"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> None:
    """A home whose electricity supplier was a rival until 2022."""
    load_categories()
    make_home(tmp_path, [])
    rows = (
        electricity("2018-01-01", "2022-03-01", supplier=RIVAL, mpan=MPAN),
        electricity("2022-03-01", mpan=MPAN),
    )
    assert take_in_parties(tmp_path, *rows, name="before.csv").refused == 0


def person(eui: str) -> Any:
    return make_person(assignments=[(eui, JobTypeRole.CALL_CENTRE_USER)])


def words(client: Client, who: Any, query: str = "", status: int = 200) -> str:
    log_in(client, who)
    answer = client.get(URL + query)
    assert answer.status_code == status
    return strip_tags(answer.content.decode())


@pytest.mark.req("REG-2")
def test_a_premises_says_who_was_registered_as_a_day_ended(client: Client) -> None:
    desk = make_person(desk=[DeskRole.AGENT])
    assert "Birch Power" not in words(client, desk)
    assert "Birch Power" in words(client, desk, "?on=2022-02-28")
    assert "Birch Power" not in words(client, desk, "?on=2022-03-01")
    assert "Nobody was registered" in words(client, desk, "?on=2017-12-31")


@pytest.mark.req("REG-2")
def test_nobody_reads_whom_they_won_or_lost_a_home_from(client: Client) -> None:
    for eui in (SUPPLIER, RIVAL, OUTSIDER):
        before = words(client, person(eui), "?on=2022-02-28")
        assert "The electricity supplier" in before
        if eui != RIVAL:
            assert "Birch Power" not in before
    headers = bearer(person(SUPPLIER))
    points = client.get(API, {"on": "2022-02-28"}, **headers).json()["responsible"]
    assert {one["supplier"]["organisation"] for one in points} == {None}
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert "Give today or a day before" in words(client, person(SUPPLIER), f"?on={tomorrow}", 422)
    refused = client.get(API, {"on": tomorrow}, **headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "day_to_come")


@pytest.mark.req("REG-3")
def test_data_in_doubt_are_told_to_the_parties_without_the_values(client: Client) -> None:
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
    difference = Difference(MPAN, "Supplier", SUPPLIER, RIVAL, Master.PROVIDER)
    number = report_misalignment(keeper, "NORTH", difference, at=NOW)

    own = words(client, person(SUPPLIER))
    assert "Registration data in doubt" in own
    assert "Until it is settled, the provider's version counts" in own.replace("&#x27;", "'")
    for hidden in (RIVAL, "NORTH", "Northern Data"):
        assert hidden not in own, hidden
    assert "in doubt" not in words(client, person(OUTSIDER))
    assert "in doubt" not in words(client, person(RIVAL))
    desk = make_person(desk=[DeskRole.AGENT])
    assert RIVAL in words(client, desk)
    empty = premises_of(actor_for(desk), MPAN, at=datetime(2017, 1, 1, tzinfo=UTC))
    assert empty is not None
    assert empty.disputed == (MPAN,), "also where nobody is registered"

    (shown,) = client.get(API, **bearer(person(SUPPLIER))).json()["disputed"]
    assert (shown["what"], shown["master"]) == ("Supplier", "PROVIDER")
    assert (shown["held"], shown["reported"]) == (None, None)
    assert client.get(API, **bearer(person(OUTSIDER))).json()["disputed"] == []

    settle_misalignment(keeper, number, outcome="The provider was right.", at=NOW)
    assert "in doubt" not in words(client, person(SUPPLIER))


@pytest.mark.req("SSI-NFR-35")
def test_registrations_say_which_run_and_line_told_of_them(client: Client) -> None:
    desk, own = make_person(desk=[DeskRole.AGENT]), person(SUPPLIER)
    today = datetime.now(UTC).date().isoformat()
    assert "Registered" not in words(client, own), "asked for alone, so that the page stays quick"
    shown = " ".join(words(client, own, f"?on={today}").split())
    assert "since 1 Apr 2024" in shown
    assert "Registration, run" in shown
    assert "registration.csv" not in shown, "names of files are for the operator"
    assert "registration.csv" in words(client, desk, f"?on={today}")
    assert "Registration, run" not in words(client, person(OUTSIDER), f"?on={today}")
    points = client.get(API, {"on": today}, **bearer(own)).json()["responsible"]
    electricity_point = next(one for one in points if one["mpxn"] == MPAN)
    assert electricity_point["since"] == "2024-03-31T23:00:00Z"
    assert electricity_point["source"]["line"] == 2
    outside = client.get(API, {"on": today}, **bearer(person(OUTSIDER))).json()["responsible"]
    assert {(one["since"], one["source"]) for one in outside} == {(None, None)}

"""The panel of a Device that says who is or was responsible, and to whom it gives names."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.inventory.queries import responsible_on
from meterdesk.inventory.tests.files import HUB, METER, MPAN, home, take_in
from meterdesk.registration.tests import files as registration

pytestmark = pytest.mark.django_db
URL, API = f"/devices/{METER}/", f"/api/v1/devices/{METER}/responsible"


@pytest.fixture(autouse=True)
def premises(db: None, tmp_path: Path) -> None:
    registration.make_parties()
    registration.take_in(
        tmp_path,
        registration.electricity("2020-01-01", mpan=MPAN),
        registration.electricity("2025-06-01", supplier=registration.RIVAL, mpan=MPAN),
    )
    take_in(tmp_path, home())


def supplier_read_by(client: Client, person: Any, on: str) -> str:
    log_in(client, person)
    page = client.get(URL, {"on": on}).content.decode()
    panel = page[page.index('id="responsible"') :]
    answer = client.get(API, {"on": on} if on else {}, **bearer(person)).json()
    label: str = answer["items"][0]["supplier"]["label"]
    assert label.lower() in panel.lower()
    return label


@pytest.mark.req("REG-2")
def test_parties_now_and_then_and_the_operator_read_names(client: Client) -> None:
    operator = make_person("agent", desk=[DeskRole.AGENT])
    network = make_person("ned", [(registration.DISTRIBUTOR, JobTypeRole.CALL_CENTRE_USER)])
    for person in (operator, network):
        assert supplier_read_by(client, person, "") == "Birch Power"
        assert supplier_read_by(client, person, "2025-05-31") == "Alder Energy"


@pytest.mark.req("REG-2")
@pytest.mark.parametrize(
    ("eui", "on", "label"),
    [
        (registration.RIVAL, "", "Birch Power"),
        (registration.RIVAL, "2025-05-31", "the electricity supplier"),
        (registration.SUPPLIER, "", "the electricity supplier"),
        (registration.SUPPLIER, "2025-05-31", "the electricity supplier"),
        (registration.OUTSIDER, "", "the electricity supplier"),
    ],
)
def test_competitors_read_what_the_party_is_and_no_name(
    client: Client, eui: str, on: str, label: str
) -> None:
    person = make_person("", [(eui, JobTypeRole.CALL_CENTRE_USER)])
    assert supplier_read_by(client, person, on) == label


@pytest.mark.req("REG-2")
@pytest.mark.parametrize(
    ("on", "label"), [("", "Birch Power"), ("2025-05-31", "the electricity supplier")]
)
def test_the_other_fuels_supplier_reads_names_of_days_on_which_it_was_there(
    client: Client, tmp_path: Path, on: str, label: str
) -> None:
    registration.take_in(tmp_path, registration.gas("2025-06-01"))
    gas = make_person("gina", [(registration.GAS_SUPPLIER, JobTypeRole.CALL_CENTRE_USER)])
    assert supplier_read_by(client, gas, on) == label


@pytest.mark.req("REG-2")
def test_it_takes_four_statements_whatever_is_shown(
    django_assert_max_num_queries: Any, tmp_path: Path
) -> None:
    """Where the Device stood, who was there and is now, their names, and what told of them."""
    registration.take_in(tmp_path, registration.gas("2020-01-01"))
    operator = actor_for(make_person("agent", desk=[DeskRole.AGENT]))
    rival = actor_for(make_person("", [(registration.RIVAL, JobTypeRole.CALL_CENTRE_USER)]))
    now = timezone.now()
    for device_id, points in ((METER, 1), (HUB, 2)):
        with django_assert_max_num_queries(4):
            assert len(responsible_on(operator, device_id, date(2024, 5, 1), now)) == points
        with django_assert_max_num_queries(2):
            assert len(responsible_on(rival, device_id, date(2024, 5, 1), now)) == points


@pytest.mark.req("REG-2", "SSI-NFR-22")
def test_days_to_come_and_no_days_are_refused(client: Client) -> None:
    log_in(client, make_person("agent", desk=[DeskRole.AGENT]))
    assert "Give today or a day before." in client.get(URL, {"on": "2999-01-01"}).content.decode()
    assert client.get(URL, {"on": "yesterday"}).status_code == 422
    assert "Nobody was registered" in client.get(URL, {"on": "2019-01-01"}).content.decode()

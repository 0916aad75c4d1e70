"""The panel of a Device that says who is or was responsible, and to whom it gives names."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person
from meterdesk.inventory.tests.files import METER, MPAN, home, take_in
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


@pytest.mark.req("REG-2", "SSI-NFR-22")
def test_days_to_come_and_no_days_are_refused(client: Client) -> None:
    log_in(client, make_person("agent", desk=[DeskRole.AGENT]))
    assert "Give today or a day before." in client.get(URL, {"on": "2999-01-01"}).content.decode()
    assert client.get(URL, {"on": "yesterday"}).status_code == 422
    assert "Nobody was registered" in client.get(URL, {"on": "2019-01-01"}).content.decode()

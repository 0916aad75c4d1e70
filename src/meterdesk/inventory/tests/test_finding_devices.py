"""Searching, details and closures: what is found, and in how many queries."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from meterdesk.identity.rules import Actor, DeskPermission, OrganisationKind
from meterdesk.inventory.queries import (
    InventorySearch,
    closure,
    device,
    device_ids_for,
    devices_of_premises,
    hub_of,
    search_devices,
    tree_of,
)
from meterdesk.inventory.rules import DeviceStatus
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

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOBODY = Actor(
    person_id=1,
    username="nobody",
    display_name="Nobody",
    organisation_id=1,
    organisation_name="Nowhere",
    organisation_kind=OrganisationKind.PARTY,
    user_ids=frozenset(),
    user_roles={},
    job_type_roles={},
    entitlements={},
)
STAFF = Actor(
    person_id=2,
    username="staff",
    display_name="Staff",
    organisation_id=2,
    organisation_name="Operator",
    organisation_kind=OrganisationKind.OPERATOR,
    user_ids=frozenset(),
    user_roles={},
    job_type_roles={},
    entitlements={},
    desk=frozenset({DeskPermission.NETWORK_DATA}),
)
EVERYTHING_AT_HOME = {HUB, METER, PROXY, GAS_METER, PREPAYMENT, DISPLAY}


@pytest.fixture(autouse=True)
def a_home(tmp_path: Path) -> None:
    take_in(tmp_path, home())


def found(include: bool = False, **criteria: str) -> set[str]:
    search = InventorySearch.of(criteria, include_uncommissioned=include)
    return {row.device_id for row in search_devices(STAFF, search).items}


@pytest.mark.req("SSI-FR-2")
@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"device_id": METER}, {METER}),
        ({"device_id": "00db12345678 90a1"}, {METER}),
        ({"mpxn": f"01 801 123 {MPAN}"}, {METER}),
        ({"mpxn": MPRN}, {GAS_METER, PROXY}),
        ({"uprn": f" {UPRN} "}, EVERYTHING_AT_HOME),
        ({"postcode": "ab10aj"}, EVERYTHING_AT_HOME),
        ({"postcode": "AB1 0AJ", "property": "12"}, EVERYTHING_AT_HOME),
        ({"postcode": "AB1 0AJ", "property": "1"}, set()),
        ({"postcode": "AB1 0AJ", "mpxn": MPAN}, {METER}),
        ({"postcode": "AB1 0AJ", "device_id": ELSEWHERE}, set()),
        ({"uprn": "1"}, set()),
    ],
)
def test_every_criterion_given_must_fit(criteria: dict[str, str], expected: set[str]) -> None:
    assert found(**criteria) == expected


@pytest.mark.req("SSI-FR-2", "SSI-FR-3")
def test_uncommissioned_devices_are_found_when_asked_for() -> None:
    assert found(device_id=ELSEWHERE) == set()
    assert found(include=True, device_id=ELSEWHERE) == {ELSEWHERE}
    assert found(include=True, postcode="AB1 0AJ", property="high STREET") == {ELSEWHERE}
    # A Type 2 Device has no SMI Status, so there is none that could leave it out.
    assert found(device_id=DISPLAY) == {DISPLAY}


@pytest.mark.req("SSI-FR-2")
@pytest.mark.parametrize(
    ("criteria", "fields"),
    [
        ({}, {"device_id"}),
        ({"property": "12"}, {"postcode"}),
        ({"property": "?", "postcode": "AB1 0AJ"}, {"property"}),
        ({"mpxn": "1312345678908", "uprn": "x"}, {"mpxn", "uprn"}),
    ],
)
def test_a_search_that_cannot_be_says_which_field_to_mend(
    criteria: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(Refused) as refused:
        InventorySearch.of(criteria)
    assert set(refused.value.fields) == fields


@pytest.mark.req("SSI-FR-3")
def test_a_row_shows_what_its_type_has() -> None:
    search = InventorySearch.of({"postcode": "AB1 0AJ"}, include_uncommissioned=True)
    rows = {row.device_id: row for row in search_devices(STAFF, search).items}
    assert (rows[METER].mpxn, rows[METER].status) == (MPAN, DeviceStatus.COMMISSIONED)
    assert rows[PROXY].mpxn is None
    assert rows[DISPLAY].status is None
    assert (rows[HUB].property, rows[HUB].uprn, rows[HUB].postcode) == ("12", UPRN, "AB1 0AJ")


@pytest.mark.req("SSI-FR-2")
def test_pages_follow_each_other_by_house_number(tmp_path: Path) -> None:
    take_in(
        tmp_path,
        [
            device_row(f"00-00-00-00-00-00-00-{n:02X}", "ESME", postcode="ZE1 0AA", property=str(n))
            for n in (10, 9, 1, 2)
        ],
    )
    search = InventorySearch.of({"postcode": "ZE1 0AA"})
    first = search_devices(STAFF, search, PageRequest(limit=3))
    assert [row.property for row in first.items] == ["1", "2", "9"]
    second = search_devices(STAFF, search, PageRequest(limit=3, cursor=first.next))
    assert [row.property for row in second.items] == ["10"]
    assert second.next is None
    with pytest.raises(Refused) as refused:
        search_devices(STAFF, InventorySearch.of({"uprn": "1"}), PageRequest(cursor=first.next))
    assert refused.value.code == "bad_cursor"


@pytest.mark.req("SSI-FR-4", "SSI-FR-5")
def test_details_hold_history_and_closure_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        meter = device(STAFF, METER)
    assert meter is not None
    assert {one.device_id for one in meter.closure} == EVERYTHING_AT_HOME
    assert set(meter.associated) == {HUB, PREPAYMENT, DISPLAY}
    assert meter.description == "Electricity meter, 1063 00030201"
    assert [(step.status, step.at) for step in meter.history] == [
        (DeviceStatus.COMMISSIONED, datetime(2024, 5, 1, 9, 30, tzinfo=UTC))
    ]
    assert meter.shows("esme_variant")
    assert not meter.shows("csp_region")
    assert device(STAFF, "FF-FF-FF-FF-FF-FF-FF-FF") is None


@pytest.mark.req("SSI-FR-5")
def test_a_closure_is_the_same_from_each_of_its_devices_and_survives_a_cycle(
    tmp_path: Path,
) -> None:
    take_in(tmp_path, [device_row(HUB, "CHF", associated_with=GAS_METER)])
    for start in EVERYTHING_AT_HOME:
        assert {one.device_id for one in closure(start)} == EVERYTHING_AT_HOME
        assert hub_of(start) == HUB
    assert hub_of(ELSEWHERE) is None


@pytest.mark.req("SSI-FR-5")
def test_devices_of_a_premises_come_with_all_they_hang_together_with(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        devices = devices_of_premises(STAFF, [MPAN, MPRN], UPRN)
    assert [one.device_id for one in devices] == [
        METER,
        GAS_METER,
        PROXY,
        HUB,
        PREPAYMENT,
        DISPLAY,
    ]
    assert [(branch.device_id, branch.depth) for branch in tree_of(devices)] == [
        (HUB, 0),
        (METER, 1),
        (PREPAYMENT, 2),
        (DISPLAY, 2),
        (PROXY, 1),
        (GAS_METER, 2),
    ]
    assert devices_of_premises(STAFF, [], None) == []


@pytest.mark.req("SSI-FR-5")
def test_a_status_step_that_the_table_lacks_is_marked(tmp_path: Path) -> None:
    for status, day in (("Withdrawn", "2024-06-01"), ("Suspended", "2024-07-01")):
        take_in(tmp_path, [device_row(METER, "ESME", device_status=status, status_date=day)])
    meter = device(STAFF, METER)
    assert meter is not None
    assert [(step.status.value, step.usual) for step in meter.history] == [
        ("Commissioned", True),
        ("Withdrawn", True),
        ("Suspended", False),
    ]


def test_device_ids_of_a_meter_point_and_of_a_property() -> None:
    assert device_ids_for(mpxn=MPRN) == [GAS_METER, PROXY]
    assert set(device_ids_for(uprn=UPRN)) == EVERYTHING_AT_HOME
    assert device_ids_for() == []


@pytest.mark.req("SSI-NFR-2")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: search_devices(NOBODY, InventorySearch.of({"device_id": METER})).items,
        lambda: device(NOBODY, METER),
        lambda: devices_of_premises(NOBODY, [MPAN], UPRN),
    ],
)
def test_without_the_component_there_is_nothing(ask: Any) -> None:
    assert not ask()

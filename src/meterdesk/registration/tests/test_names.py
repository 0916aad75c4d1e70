"""Names of parties: for those registered at the premises and for the operator alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, grant, make_person
from meterdesk.registration.queries import (
    PartyView,
    meter_point,
    premises_at,
    premises_of,
    registered_user_ids,
)
from meterdesk.registration.tests.files import (
    AGENT,
    DISTRIBUTOR,
    GAS_SUPPLIER,
    IMPORT_MPAN,
    MPRN,
    OUTSIDER,
    RIVAL,
    SUPPLIER,
    TRANSPORTER,
    electricity,
    gas,
    make_parties,
    take_in,
)

pytestmark = pytest.mark.django_db
CALL_CENTRE = JobTypeRole.CALL_CENTRE_USER


@pytest.fixture(autouse=True)
def premises(db: None, tmp_path: Path) -> None:
    make_parties()
    take_in(
        tmp_path,
        electricity("2020-01-01", agent=AGENT),
        electricity("2030-06-01", supplier=RIVAL),
        gas(),
    )


def labels(eui: str, at: datetime | None = None) -> list[str]:
    actor = actor_for(make_person(assignments=[(eui, CALL_CENTRE)]))
    shown = premises_of(actor, IMPORT_MPAN, at=at)
    assert shown is not None
    return [party.label for point in shown.meter_points for party in point.parties]


NAMES = ["Alder Energy", "Northern Wires", "Field Agents", "Alder Energy", "Pipes and Mains"]
WITHHELD = [
    "the electricity supplier",
    "the electricity distributor",
    "the electricity supplier's agent",
    "the gas supplier",
    "the gas transporter",
]


@pytest.mark.req("REG-2", "SSI-NFR-24")
@pytest.mark.parametrize("eui", [SUPPLIER, DISTRIBUTOR, AGENT, GAS_SUPPLIER, TRANSPORTER])
def test_whoever_is_registered_at_the_premises_reads_every_name_there(eui: str) -> None:
    assert labels(eui) == NAMES


@pytest.mark.req("REG-2", "SSI-NFR-24")
@pytest.mark.parametrize("eui", [RIVAL, OUTSIDER])
def test_others_read_what_the_parties_are_and_no_more(eui: str) -> None:
    assert labels(eui) == WITHHELD
    actor = actor_for(make_person(assignments=[(eui, CALL_CENTRE)]))
    point = meter_point(actor, MPRN)
    assert point is not None
    assert type(point.parties.supplier) is PartyView
    assert point.parties.supplier.organisation_name is None
    assert point.parties.supplier.user_id is None
    assert point.address.full == "12 High Street, Townley, AB1 0AJ"


@pytest.mark.req("REG-2")
def test_a_future_supplier_reads_names_from_the_second_of_the_change() -> None:
    switch = datetime(2030, 5, 31, 23, tzinfo=UTC)
    assert labels(RIVAL, switch)[0] == "Birch Power"
    # The supplier that lost the electricity has the gas still, by another UserId.
    assert labels(SUPPLIER, switch)[0] == "the electricity supplier"
    assert labels(GAS_SUPPLIER, switch)[0] == "Birch Power"


@pytest.mark.req("SSI-NFR-26", "SSI-NFR-27")
def test_a_role_on_another_user_id_of_the_same_organisation_opens_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, gas("2025-01-01").replace(GAS_SUPPLIER, SUPPLIER))
    # Alder Energy is registered here by SUPPLIER alone now.
    assert labels(GAS_SUPPLIER) == WITHHELD


@pytest.mark.req("SSI-NFR-29")
def test_a_grant_opens_the_names_to_the_granted() -> None:
    grant(SUPPLIER, OUTSIDER)
    outside = make_person(assignments=[(OUTSIDER, CALL_CENTRE)])
    helper = make_person(
        assignments=[(OUTSIDER, CALL_CENTRE), (SUPPLIER, CALL_CENTRE)],
        organisation=outside.organisation,
    )
    shown = premises_of(actor_for(helper), IMPORT_MPAN)
    assert shown is not None
    assert shown.meter_points[0].parties.supplier.label == "Alder Energy"


@pytest.mark.req("REG-2")
def test_the_operators_staff_read_names_and_resolvers_nothing_at_all() -> None:
    agent = actor_for(make_person(desk=[DeskRole.AGENT]))
    point = meter_point(agent, IMPORT_MPAN)
    assert point is not None
    assert point.parties.supplier.organisation_name == "Alder Energy"
    assert point.parties.supplier.user_id == SUPPLIER
    nobody = actor_for(make_person())
    assert premises_of(nobody, IMPORT_MPAN) is None
    assert premises_at(nobody, "AB1 0AJ") == []


@pytest.mark.req("SSI-FR-2")
def test_premises_are_found_by_uprn_and_by_postcode_with_property(tmp_path: Path) -> None:
    other = ",9,High Street,Townley,AB1 0AJ"
    take_in(tmp_path, electricity(mpan="1012345678912", address=other))
    actor = actor_for(make_person(assignments=[(OUTSIDER, CALL_CENTRE)]))
    both = premises_at(actor, "AB1 0AJ")
    assert [one.address.property for one in both] == ["9", "12"]
    assert [one.mpxn for one in premises_at(actor, "AB1 0AJ", "12")] == [IMPORT_MPAN]
    assert [one.mpxn for one in premises_at(actor, uprn="100023336956")] == [IMPORT_MPAN]
    assert len(premises_at(actor, "AB1 0AJ", limit=1)) == 1
    assert premises_at(actor) == []


@pytest.mark.req("REG-2")
def test_registered_user_ids_are_those_of_the_given_meter_points() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    assert registered_user_ids([MPRN], at) == {GAS_SUPPLIER, TRANSPORTER}
    assert registered_user_ids([], at) == frozenset()

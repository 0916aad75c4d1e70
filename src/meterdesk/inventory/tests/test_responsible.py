"""Who was responsible for a Device on a day, by where it stood and who was registered there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdesk.inventory.queries import responsible_for_device
from meterdesk.inventory.tests.files import HUB, METER, MPAN, MPRN, device_row, home, take_in
from meterdesk.registration.tests import files as registration

pytestmark = pytest.mark.django_db
CHANGE = datetime(2025, 5, 31, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def premises(db: None, tmp_path: Path) -> None:
    registration.make_parties()
    registration.take_in(
        tmp_path,
        registration.electricity("2020-01-01", mpan=MPAN),
        registration.electricity("2025-06-01", supplier=registration.RIVAL, mpan=MPAN),
        registration.gas("2020-01-01", mprn=MPRN),
    )
    take_in(tmp_path, home())


@pytest.mark.req("REG-2")
def test_a_meters_supplier_changes_at_the_second() -> None:
    (before,) = responsible_for_device(METER, CHANGE - timedelta(seconds=1))
    (after,) = responsible_for_device(METER, CHANGE)
    assert (before.supplier, after.supplier) == (registration.SUPPLIER, registration.RIVAL)
    assert before.network_party == registration.DISTRIBUTOR


@pytest.mark.req("REG-2")
def test_a_hub_answers_to_every_supplier_of_its_premises() -> None:
    found = {one.kind.value: one.supplier for one in responsible_for_device(HUB, CHANGE)}
    assert found == {"IMPORT": registration.RIVAL, "GAS": registration.GAS_SUPPLIER}


@pytest.mark.req("REG-2")
def test_nobody_is_responsible_for_what_stood_nowhere_or_before_anybody_was_registered(
    tmp_path: Path,
) -> None:
    loose = "00-DB-12-34-56-78-90-FF"
    take_in(tmp_path, [device_row(loose, "PPMID")])
    assert responsible_for_device("00-DB-12-34-56-78-90-EE", CHANGE) == []
    assert responsible_for_device(METER, datetime(2019, 1, 1, tzinfo=UTC)) == []

"""The day a Device was last heard of, told to the inventory as messages come in."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.inventory.queries import ContactRow, portfolio
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.inventory.tests.files import HUB, home
from meterdesk.inventory.tests.files import take_in as take_in_devices
from meterdesk.kernel.paging import PageRequest
from meterdesk.trail.tests.lines import (
    DEVICE,
    alert_line,
    request_line,
    response_line,
    take_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("SSI-FR-3")]

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def network(tmp_path: Path) -> None:
    assert DEVICE == HUB
    take_in_devices(tmp_path, home())


def last_contact() -> date | None:
    """The hub's, as the operator's desk reads it."""
    actor = actor_for(make_person(desk=[DeskRole.AGENT]))
    search = PortfolioSearch.of({"whose": "all", "device_type": "CHF"})
    (row,) = portfolio(actor, search, PageRequest(), at=NOW).items
    assert isinstance(row, ContactRow)
    return row.last_contact_date


def test_what_a_device_said_itself_is_a_contact_and_nothing_else(tmp_path: Path) -> None:
    failed = {"responded_at": "2026-03-01T09:31:00Z", "response_code": "E21", "status": "Failure"}
    done = {"responded_at": "2026-03-02T09:31:00Z", "response_code": "I0", "status": "Success"}
    take_in(
        tmp_path,
        request_line(),
        request_line(1001, **failed),
        request_line(1002, **done, mode="DCC Only"),
        alert_line(alert_code="N1", mode="DCC Alert"),
    )
    assert last_contact() is None
    take_in(tmp_path, response_line())
    assert last_contact() == date(2026, 3, 1), "a late answer"
    take_in(tmp_path, request_line(1003, **done))
    assert last_contact() == date(2026, 3, 2)
    take_in(tmp_path, alert_line(2, received_at="2026-03-05T00:30:00Z"))
    assert last_contact() == date(2026, 3, 5)


def test_it_never_goes_back_and_its_day_is_that_of_great_britain(tmp_path: Path) -> None:
    take_in(tmp_path, alert_line(received_at="2026-06-30T23:30:00Z"))
    assert last_contact() == date(2026, 7, 1), "half past midnight in London"
    take_in(tmp_path, alert_line(2, received_at="2026-05-01T10:00:00Z"), alert_line())
    assert last_contact() == date(2026, 7, 1)


def test_an_answer_from_the_future_is_refused(tmp_path: Path) -> None:
    ahead = request_line(responded_at="2999-01-01T00:00:00Z", status="Success")
    assert take_in(tmp_path, ahead) == (0, 0, 1)
    assert last_contact() is None

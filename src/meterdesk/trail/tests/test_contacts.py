"""The day a Device was last heard of, told to the inventory as messages come in, or after."""

from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.inventory.queries import ContactRow, portfolio
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.inventory.tests.files import HUB, home
from meterdesk.inventory.tests.files import take_in as take_in_devices
from meterdesk.kernel.paging import PageRequest
from meterdesk.trail.actions import note_next_day
from meterdesk.trail.jobs import note_contacts_of_a_day
from meterdesk.trail.models import UnnotedDay
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


MIGRATION = import_module("meterdesk.trail.migrations.0006_contacts_held")
CONTACTS = "select device_id, last_date from inventory_devicecontact order by 1"


def contacts() -> list[tuple[int, date]]:
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS)
        return cursor.fetchall()


def forget_contacts_and_migrate() -> None:
    """What a database looks like that was migrated from before contacts were noted."""
    with connection.cursor() as cursor:
        cursor.execute("truncate inventory_devicecontact")
        cursor.execute(MIGRATION.UNNOTED)


def messages() -> list[dict]:
    """Of several Devices and days, of every kind, mode and outcome."""
    lines = []
    for number in range(60):
        day = number % 9 + 1
        stamp = f"2026-06-{day:02}T22:{number:02}:00Z"
        given = {
            "received_at": stamp,
            "device_id": f"{DEVICE[:-2]}{number % 7:02X}",
            "mode": ("On Demand", "DCC Only", "Future Date")[number % 3],
            "status": ("Success", "Failure", "In Progress", "Success")[number % 4],
            "status_history": [],
        }
        if number % 5 and number % 4 != 2:
            given["responded_at"] = f"2026-06-{day + 1:02}T23:30:00Z"
        lines.append(request_line(number, **given))
        if number % 4 == 0:
            device = f"{DEVICE[:-2]}{number % 11:02X}"
            lines.append(alert_line(number, received_at=stamp, device_id=device))
    return lines


def test_days_held_before_contacts_were_noted_are_noted_one_by_one(tmp_path: Path) -> None:
    given = messages()
    assert take_in(tmp_path, *given) == (len(given), 0, 0)
    right = contacts()
    assert len(right) > 7
    forget_contacts_and_migrate()
    assert contacts() == [], "the migration reads no message"
    days = [date(2026, 6, day) for day in range(9, 0, -1)]
    left = UnnotedDay.objects.filter(day__gte=days[-1], day__lte=days[0])
    assert list(left.order_by("-day").values_list("day", flat=True)) == days

    assert note_next_day(at=datetime(2026, 6, 9, 23, 59, tzinfo=UTC)) == days[1], "9 June goes on"
    UnnotedDay.objects.create(day=days[1])
    after_june = datetime(2026, 6, 30, tzinfo=UTC)
    noted = [note_next_day(at=after_june) for _ in days]
    assert noted == days, "a day noted again, as after a kill, changes nothing"
    assert note_next_day(at=after_june) is None
    assert contacts() == right


def test_what_came_in_meanwhile_is_not_set_back(tmp_path: Path) -> None:
    take_in(tmp_path, request_line(1, status="Success", responded_at="2026-03-01T10:00:00Z"))
    forget_contacts_and_migrate()
    take_in(tmp_path, alert_line(2, received_at="2026-03-05T10:00:00Z"))
    while note_next_day(at=NOW):
        pass
    assert last_contact() == date(2026, 3, 5)


def test_the_job_leaves_the_days_to_whoever_archives_and_comes_again(tmp_path: Path) -> None:
    take_in(tmp_path, alert_line(received_at="2026-03-05T10:00:00Z"))
    forget_contacts_and_migrate()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('trail_archive'))")
        note_contacts_of_a_day()
        assert contacts() == []
    finally:
        other.close()
    while UnnotedDay.objects.filter(day__lte=date(2026, 3, 5)).exists():
        note_contacts_of_a_day()
    assert last_contact() == date(2026, 3, 5)

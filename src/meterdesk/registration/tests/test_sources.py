"""Which file, and line of it, told of a registration."""

from datetime import datetime
from pathlib import Path

import pytest

from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.kernel.worktime import LONDON
from meterdesk.registration.queries import ToldParties, responsible_at
from meterdesk.registration.tests.files import IMPORT_MPAN, RIVAL, SUPPLIER
from meterdesk.registration.tests.provider_files import (
    MONDAY,
    make_providers,
    receive,
    record,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("REG-1")]


def source_on(year: int) -> tuple[str | None, int | None]:
    """File and line that told who was registered at the end of January of a year."""
    desk = actor_for(make_person(desk=[DeskRole.AGENT]))
    day = datetime(year, 1, 31, tzinfo=LONDON).date()
    (told,) = responsible_at(desk, [IMPORT_MPAN], day, MONDAY)
    assert isinstance(told, ToldParties)
    assert told.source is not None
    return told.source.file, told.source.line


def test_a_later_file_is_the_source_of_what_it_changed_alone(tmp_path: Path) -> None:
    make_providers()
    receive(tmp_path, text_of(1, record("2020-01-01"), record("2022-01-01")), "first.txt")
    assert source_on(2020) == ("first.txt", 2)
    assert source_on(2022) == ("first.txt", 3)
    receive(tmp_path, text_of(2, record("2024-01-01", RIVAL), record("2020-01-01")), "second.txt")
    assert source_on(2024) == ("second.txt", 2)
    assert source_on(2022) == ("first.txt", 3), "its end moved; who it names, the first file said"
    assert source_on(2020) == ("first.txt", 2), "said again, nothing new"
    receive(tmp_path, text_of(3, record("2022-01-01", RIVAL)), "third.txt")
    assert source_on(2022) == ("third.txt", 2)


def test_a_file_that_was_held_stays_the_source_of_its_own_records(tmp_path: Path) -> None:
    make_providers()
    receive(tmp_path, text_of(2, record("2022-01-01", RIVAL)), "early.txt")
    receive(tmp_path, text_of(1, record("2020-01-01", SUPPLIER)), "first.txt")
    assert source_on(2020) == ("first.txt", 2)
    assert source_on(2022) == ("early.txt", 2)

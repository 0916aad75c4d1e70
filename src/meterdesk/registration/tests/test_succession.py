"""Registrations of a meter point succeed each other without overlap, whatever came first."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdesk.registration.actions.merging import (
    fill_incoming,
    merge_incoming,
    open_incoming,
)
from meterdesk.registration.rules import matches_property, premises_key
from meterdesk.registration.tests.succession import Overlaps, Period, succeed

START = datetime(2024, 1, 1, tzinfo=UTC)


def period(begins: int, ends: int | None = None, supplier: str = "A") -> Period:
    """A period from and to days after the start."""
    end = None if ends is None else START + timedelta(days=ends)
    return Period(START + timedelta(days=begins), end, supplier, "N", None)


def history(*rows: Period) -> list[Period]:
    """What the rows lead to, taken in one after the other."""
    result: list[Period] = []
    for row in rows:
        changed = succeed(result, row)
        result = result if changed is None else changed
    return result


@pytest.mark.req("REG-2")
def test_a_later_registration_closes_the_one_before() -> None:
    assert history(period(0), period(10, supplier="B")) == [period(0, 10), period(10, None, "B")]


@pytest.mark.req("REG-2")
def test_an_earlier_registration_ends_where_the_later_begins() -> None:
    assert history(period(10, supplier="B"), period(0)) == [period(0, 10), period(10, None, "B")]


@pytest.mark.req("REG-2")
def test_the_same_start_replaces() -> None:
    assert history(period(0), period(0, supplier="B")) == [period(0, None, "B")]


@pytest.mark.req("REG-2")
def test_an_end_of_its_own_leaves_a_gap() -> None:
    assert history(period(0, 5), period(10)) == [period(0, 5), period(10)]


@pytest.mark.req("REG-1")
def test_a_row_that_reaches_into_a_later_registration_is_refused() -> None:
    with pytest.raises(Overlaps, match="2024-01-11"):
        succeed([period(10, supplier="B")], period(0, 20))


@pytest.mark.req("REG-1")
def test_a_row_that_a_later_one_has_closed_is_unchanged_when_it_comes_again() -> None:
    rows = [period(0, 20), period(10, supplier="B")]
    assert [succeed(history(*rows), row) for row in rows] == [None, None]


@pytest.mark.req("REG-1", "REG-2")
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from("ABC")), unique_by=lambda row: row[0]
    ).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_open_rows_lead_to_one_history_in_any_order(orders: tuple) -> None:
    first, second = (
        history(*(period(begins, None, supplier) for begins, supplier in rows)) for rows in orders
    )
    assert first == second
    assert all(one.active_to == other.active_from for one, other in pairwise(first))
    assert all(succeed(first, period(begins, None, who)) is None for begins, who in orders[0])


@pytest.mark.req("SSI-FR-2")
@pytest.mark.parametrize(
    ("wanted", "property_", "street", "found"),
    [
        ("12", "12", "High Street", True),
        ("1", "12", "High Street", False),
        ("12 high st", "12", "High Street", True),
        ("12, High Street, Townley", "12", "High Street", True),
        ("12, High Street, Aldham", "12", "High Street", False),
        ("Rose", "Rose Cottage", "Mill Lane", True),
        ("cottage", "Rose Cottage", "Mill Lane", True),
        ("flat 2, 12", "Flat 2 12", "High Street", True),
        ("flat 3", "Flat 2 12", "High Street", False),
        ("", "12", "High Street", True),
    ],
)
def test_a_property_is_found_as_people_type_it(
    wanted: str, property_: str, street: str, found: bool
) -> None:
    assert matches_property(wanted, property_, street, "Townley") is found


@pytest.mark.req("REG-2")
def test_meter_points_share_a_premises_by_uprn_or_else_by_address() -> None:
    by_uprn = premises_key("1", "100", "12", "High Street", "AB1 0AJ")
    assert by_uprn == premises_key("2", "100", "Flat 12", "High St", "AB1 0AJ")
    by_address = premises_key("1", "", "Flat 2, 12", "High Street", "AB1 0AJ")
    assert by_address == premises_key("2", "", "FLAT 2 12", "high street", "AB1 0AJ")
    assert by_address != premises_key("3", "", "Flat 3, 12", "High Street", "AB1 0AJ")
    alone = premises_key("1", "", "", "High Street", "AB1 0AJ")
    assert alone != premises_key("2", "", "", "High Street", "AB1 0AJ")


OPEN_ROWS = st.lists(
    st.tuples(st.sampled_from("012"), st.integers(0, 8), st.none(), st.integers(1, 3)),
    unique_by=lambda row: row[:2],
    max_size=8,
)
ONE_ROW = st.tuples(
    st.sampled_from("012"), st.integers(0, 8), st.integers(1, 9), st.integers(1, 3)
).map(lambda row: [row])


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("REG-1", "REG-2")
@settings(max_examples=25)
@given(st.lists(st.one_of(OPEN_ROWS, ONE_ROW), max_size=6))
def test_many_meter_points_at_once_come_to_the_same_as_one_row_after_the_other(
    batches: list[list[tuple[str, int, int | None, int]]],
) -> None:
    told: dict[str, list[Period]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for batch in batches:
            open_incoming(cursor)
            rows = [row for row in batch if row[2] is None or row[2] > row[1]]
            fill_incoming(cursor, (_stored(line, *row) for line, row in enumerate(rows)))
            merged = merge_incoming(cursor)
            refused = set()
            for line, (mpxn, begins, ends, supplier) in enumerate(rows):
                known = told.setdefault(mpxn, [])
                try:
                    changed = succeed(known, period(begins, ends, str(supplier)))
                except Overlaps:
                    refused.add(line)
                else:
                    told[mpxn] = known if changed is None else changed
            assert {one.line for one in merged.refused} == refused
            assert merged.accepted + merged.unchanged == len(rows) - len(refused)
        cursor.execute(
            "select mpxn, active_from, active_to, supplier from registration_registration "
            "join registration_meterpoint p on p.id = meter_point_id order by 1, 2"
        )
        stored: dict[str, list[Period]] = {}
        for mpxn, begins, ends, supplier in cursor.fetchall():
            stored.setdefault(mpxn, []).append(Period(begins, ends, str(supplier), "N", None))
        transaction.set_rollback(True)
    assert stored == {mpxn: periods for mpxn, periods in told.items() if periods}


def _stored(
    line: int, mpxn: str, begins: int, ends: int | None, supplier: int
) -> tuple[object, ...]:
    one = period(begins, ends)
    address = ("IMPORT", "", "", "", "AB1 0AJ", "", f"M{mpxn}")
    return (line, mpxn, one.active_from, one.active_to, supplier, 1, None, *address)

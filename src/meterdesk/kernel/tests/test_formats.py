"""A CSV opens in a spreadsheet as what it says, never as a formula."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.formats import BOM, csv_cell, csv_lines


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-", "'-"),
        ("-12.50", "-12.50"),
        (-3, "-3"),
        (Decimal("-0.10"), "-0.10"),
        ("a=b", "a=b"),
        ("0012345678", "0012345678"),
        (None, ""),
        (True, "Yes"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T01:00:00+00:00"),
    ],
)
def test_a_cell_is_never_a_formula(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2)))
def test_what_is_written_reads_back_cell_by_cell(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["one", "two"], rows))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["one", "two"], *([csv_cell(value) for value in row] for row in rows)]


def test_lines_stream_and_may_begin_with_a_byte_order_mark() -> None:
    lines = csv_lines(["name"], iter([["Zoë, 12"], ['say "yes"']]), bom=True)
    assert list(lines) == [f"{BOM}name\r\n", '"Zoë, 12"\r\n', '"say ""yes"""\r\n']

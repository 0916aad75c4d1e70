"""Pages follow one another without a gap or a repeat, and a foreign cursor is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import (
    Order,
    Page,
    PageRequest,
    after_cursor,
    decode_cursor,
    encode_cursor,
    order_by,
    page_of,
)

VALUES = (
    datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC),
    date(2026, 3, 29),
    "Zoë \u2603",
    7,
    Decimal("1.10"),
    UUID(int=5),
)
TYPES = (datetime, date, str, int, Decimal, UUID)


def test_a_cursor_gives_back_exactly_what_went_in() -> None:
    values = decode_cursor("list", encode_cursor("list", VALUES), TYPES)
    assert values == VALUES
    assert [type(v) for v in values] == list(TYPES)


@pytest.mark.req("SSI-NFR-22")
@given(st.text(max_size=60), st.integers(0, 200), st.characters())
def test_a_changed_or_foreign_cursor_is_refused(text: str, place: int, char: str) -> None:
    good = encode_cursor("list", VALUES)
    place %= len(good)
    changed = good[:place] + char + good[place + 1 :]
    cut = good[:place]
    for scope, cursor in [("list", text), ("list", changed), ("list", cut), ("other", good)]:
        if (scope, cursor) == ("list", good):
            continue
        with pytest.raises(Refused) as refused:
            decode_cursor(scope, cursor, TYPES)
        assert (refused.value.status, refused.value.code) == (400, "bad_cursor")


def test_a_cursor_of_other_types_is_refused() -> None:
    with pytest.raises(Refused, match="first page"):
        decode_cursor("list", encode_cursor("list", ["a"]), [int])


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(Refused) as refused:
        PageRequest(limit)
    assert refused.value.code == "bad_limit"
    assert "limit" in refused.value.fields


ORDER = (Order("rank", int, descending=True), Order("id", int))


def read(rows: list[tuple[int, int]], request: PageRequest) -> Page[tuple[int, int]]:
    """Answer a request as a database would, by the look-ups alone."""
    compare = {
        "lt": lambda a, b: a < b,
        "gt": lambda a, b: a > b,
        "lte": lambda a, b: a <= b,
        "": lambda a, b: a == b,
    }

    def holds(row: tuple[int, int], terms: dict[str, int]) -> bool:
        named = {"rank": row[0], "id": row[1]}
        return all(
            compare[k.partition("__")[2]](named[k.partition("__")[0]], v) for k, v in terms.items()
        )

    keyset = after_cursor("list", ORDER, request)
    if keyset is not None:
        rows = [
            row
            for row in rows
            if holds(row, keyset.guard) and any(holds(row, a) for a in keyset.alternatives)
        ]
    found = sorted(rows, key=lambda row: (-row[0], row[1]))[: request.limit + 1]
    return page_of("list", found, request, key=lambda row: row)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers()), unique_by=lambda row: row[1]),
    st.integers(1, 5),
)
def test_the_pages_together_are_the_whole_list_once(
    rows: list[tuple[int, int]], limit: int
) -> None:
    rows = [(rank, place) for place, (rank, _) in enumerate(rows)]
    seen: list[tuple[int, int]] = []
    page = read(rows, PageRequest(limit))
    seen += page.items
    while page.next:
        page = read(rows, PageRequest(limit, page.next))
        assert 1 <= len(page.items) <= limit
        seen += page.items
    assert seen == sorted(rows, key=lambda row: (-row[0], row[1]))


def test_an_order_is_named_as_the_database_layer_wants_it() -> None:
    assert order_by(ORDER) == ("-rank", "id")


@pytest.mark.parametrize(
    ("page", "text"),
    [(Page(()), ""), (Page((), None, 1234), "1,234"), (Page((), None, 10_000, True), "10,000+")],
)
def test_a_total_is_shown_with_a_plus_when_capped(page: Page[int], text: str) -> None:
    assert page.total_text == text

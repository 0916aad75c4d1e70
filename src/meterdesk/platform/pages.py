"""A page of database rows by keyset: what every list of a few thousand rows does alike."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from django.db.models import Model, Q, QuerySet

from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of

COUNT_CAP: Final = 10_000
"""Rows are counted this far; more are shown as `10,000+`."""
M = TypeVar("M", bound=Model)


def page_of_rows(
    rows: QuerySet[M], scope: str, order: Sequence[Order], page: PageRequest, *, cap: int = 0
) -> Page[M]:
    """The page that is asked for, and with a cap how many rows there are in all.

    Args:
        scope: names the list, its filters and its reader, so that no cursor serves another one.
        order: fields or annotations of the rows, never null; the last makes it unique.
    """
    total = rows.order_by().values("pk")[: cap + 1].count() if cap else None
    if keyset := after_cursor(scope, order, page):
        beyond = Q()
        for alternative in keyset.alternatives:
            beyond |= Q(**alternative)
        rows = rows.filter(Q(**keyset.guard), beyond)
    read = list(rows.order_by(*order_by(order))[: page.limit + 1])
    found = page_of(scope, read, page, lambda one: [_value(one, column) for column in order])
    if total is None:
        return found
    return Page(found.items, found.next, min(total, cap), total > cap)


def _value(row: Model, column: Order) -> Any:
    return getattr(row, column.field)

"""What the lists of the portfolio share: pages in an order, and how long a list is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, Final

from django.db import OperationalError, connection, transaction

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest, decode_cursor, encode_cursor

FEW_POINTS: Final = 3_000
"""Up to so many meter points are looked up one by one in any inventory, and more in a large one."""
COUNT_CAP: Final = 10_000
_COUNT_TIMEOUT: Final = "200ms"


def few_points() -> int:
    """Up to so many meter points are looked up one by one; with more, rows are read in order.

    Reading in order passes over what is not one's own, so it takes the longer the larger the
    inventory and the fewer one's points. A point costs about as much as four rows passed over, a
    page takes 50 rows, and a point has two Devices: both ways take as long where this says.
    """
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'inventory_device'::regclass")
        (devices,) = cursor.fetchone()
    return max(FEW_POINTS, isqrt(6 * max(0, int(devices))))


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a list is, None when counting took too long, and whether it can be sorted."""

    total: int | None
    is_capped: bool
    is_sortable: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by, as SQL that is never null, with the type that a cursor holds."""

    column: str
    kind: type


@dataclass(frozen=True, slots=True)
class Listed:
    """The part of a statement that says which rows.

    Attributes:
        tables: SQL behind `from`.
        conditions: SQL behind `where`, all to hold.
        key: the column that makes the order unique, and is the order of long lists.
        is_short: few enough to be sorted by other columns.
    """

    tables: str
    conditions: tuple[str, ...]
    values: dict[str, Any]
    key: Order
    is_short: bool

    @property
    def rows(self) -> str:
        """SQL behind `from`, conditions included."""
        return f"{self.tables} where {' and '.join(self.conditions) or 'true'}"

    def order(self, sort: str, sorts: Mapping[str, Order]) -> Order:
        """What a `sort` names, the key when it names nothing else. Raises Refused."""
        wanted = sorts.get(sort.removeprefix("-"))
        if wanted is None:
            return self.key
        if not self.is_short:
            message = "This list is too long to be sorted by that column. Download it to sort it."
            raise Refused(message, code="too_long_to_sort", fields={"sort": message})
        return wanted

    def page(
        self, scope: str, columns: str, order: Order, request: PageRequest, *, descending: bool
    ) -> tuple[list[Sequence[Any]], str | None]:
        """Rows of `columns` in an order, and the cursor of those that follow, None at the end.

        Raises Refused (bad_cursor) for another list's cursor.
        """
        beyond, way = ("<", "desc") if descending else (">", "asc")
        conditions, values, ordering = self.rows, dict(self.values), ""
        if order is not self.key:
            ordering = f"{order.column} {way}, "
        if request.cursor:
            kinds = (order.kind, self.key.kind)
            values["value"], values["last"] = decode_cursor(scope, request.cursor, kinds)
            conditions += f" and ({order.column}, {self.key.column}) {beyond} (%(value)s, %(last)s)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {order.column}, {self.key.column}, {columns} from {conditions}"  # noqa: S608  constants only
                f" order by {ordering}{self.key.column} {way} limit {request.limit + 1}",
                values,
            )
            found = cursor.fetchall()
        shown = found[: request.limit]
        after = encode_cursor(scope, shown[-1][:2]) if len(found) > request.limit else None
        return [row[2:] for row in shown], after

    def extent(self) -> Extent:
        """How long the list is, counted to a cap and for a moment only."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"set local statement_timeout = '{_COUNT_TIMEOUT}'")
                cursor.execute(
                    f"select count(*) from (select from {self.rows} limit {COUNT_CAP + 1}) counted",  # noqa: S608  constants only
                    self.values,
                )
                (total,) = cursor.fetchone()
                cursor.execute("set local statement_timeout to default")
        except OperationalError:
            return Extent(None, is_capped=False, is_sortable=self.is_short)
        return Extent(min(total, COUNT_CAP), total > COUNT_CAP, self.is_short)

"""Cursor paging by keyset: one order, one opaque cursor, the same for screens and API.

A cursor holds the order values of the last row shown. It is not a secret and gives no right: the
query behind it limits rows by what its actor may see, whatever the cursor says.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from meterdesk.kernel.errors import Refused

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500
_CHECK_BYTES: Final = 6

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What part of a list is asked for: up to `limit` rows after `cursor`.

    Raises Refused, code bad_limit, for a limit outside 1 to 500.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            message = f"Ask for 1 to {MAX_LIMIT} rows at a time."
            raise Refused(message, code="bad_limit", fields={"limit": message})


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in order and the cursor of what follows, None at the end.

    `total_capped` is the number of rows in all, counted no further than a cap;
    `total_is_capped` tells that there are more. None: not counted.
    """

    items: tuple[T, ...]
    next: str | None = None
    total_capped: int | None = None
    total_is_capped: bool = False

    @property
    def total_text(self) -> str:
        """The total as shown: `1,234`, `10,000+`, or nothing when not counted."""
        if self.total_capped is None:
            return ""
        return f"{self.total_capped:,}{'+' if self.total_is_capped else ''}"

    def as_entries(self, entry: Callable[[T], U]) -> "Page[U]":
        """The same page with an entry made of each row."""
        items = tuple(entry(one) for one in self.items)
        return Page(items, self.next, self.total_capped, self.total_is_capped)


def encode_cursor(scope: str, values: Sequence[Any]) -> str:
    """Return the cursor of a row of the list named `scope` (name, order and filters).

    Values are text, numbers, dates, aware instants, Decimals or UUIDs.
    """
    body = msgspec.json.encode(tuple(values))
    return _text(_check(scope, body) + body)


def decode_cursor(scope: str, cursor: str, types: Sequence[Any]) -> tuple[Any, ...]:
    """Return the order values of a cursor, each of the type named at its place.

    Raises Refused, code bad_cursor, status 400, for a cursor that was changed, cut short, or
    belongs to another list.
    """
    try:
        if not cursor.isascii():
            raise ValueError("not ASCII")
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        if check != _check(scope, body) or _text(raw) != cursor:
            raise ValueError("check failed")
        values = msgspec.json.decode(body, type=tuple.__class_getitem__(tuple(types)))
    except (ValueError, msgspec.MsgspecError) as error:
        raise Refused(
            "This page mark does not belong to this list. Begin again from the first page.",
            code="bad_cursor",
            status=400,
        ) from error
    return tuple(values)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _check(scope: str, body: bytes) -> bytes:
    named = scope.encode() + b"\x00" + body
    return hashlib.blake2s(named, digest_size=_CHECK_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Order:
    """One column of an order: a field that is never null, its type, and its direction."""

    field: str
    type: Any
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Keyset:
    """Look-ups that find the rows after a cursor, as the query layer's keyword filters.

    A row qualifies when `guard` holds (it lets an index serve the range) and any one of
    `alternatives` does.
    """

    guard: dict[str, Any]
    alternatives: tuple[dict[str, Any], ...]


def order_by(order: Sequence[Order]) -> tuple[str, ...]:
    """Return the order as field names, with `-` before those that descend."""
    return tuple(f"-{column.field}" if column.descending else column.field for column in order)


def after_cursor(scope: str, order: Sequence[Order], request: PageRequest) -> Keyset | None:
    """Return the look-ups for the rows after the request's cursor, or None on the first page.

    The last column of the order must make it unique. Raises Refused as decode_cursor does.
    """
    if not request.cursor:
        return None
    values = decode_cursor(scope, request.cursor, [column.type for column in order])
    alternatives = []
    equal: dict[str, Any] = {}
    for column, value in zip(order, values, strict=True):
        beyond = "lt" if column.descending else "gt"
        alternatives.append({**equal, f"{column.field}__{beyond}": value})
        equal[column.field] = value
    first = order[0]
    guard = {f"{first.field}__{'lte' if first.descending else 'gte'}": values[0]}
    return Keyset(guard, tuple(alternatives))


def page_of(
    scope: str,
    rows: Sequence[T],
    request: PageRequest,
    key: Callable[[T], Sequence[Any]],
) -> Page[T]:
    """Return the page of rows read with one more than the limit, to know whether more follow.

    `key` gives a row's order values, in the order's columns.
    """
    shown = tuple(rows[: request.limit])
    more = len(rows) > request.limit
    return Page(shown, encode_cursor(scope, key(shown[-1])) if more else None)

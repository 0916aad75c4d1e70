"""Values as PostgreSQL's binary COPY wants them: their length in four bytes, then themselves."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"
EIGHT: Final = b"\0\0\0\x08"
_DAY_ZERO: Final = date(2000, 1, 1)
_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def packed(value: str | int | date | datetime | None) -> bytes:
    """A value for a text, bigint, date or timestamptz column; instants must be aware."""
    match value:
        case None:
            return NULL
        case str():
            text = value.encode()
            return len(text).to_bytes(4, "big") + text
        case datetime():
            return EIGHT + ((value - _ZERO) // _MICROSECOND).to_bytes(8, "big", signed=True)
        case date():
            return b"\0\0\0\x04" + (value - _DAY_ZERO).days.to_bytes(4, "big", signed=True)
        case int():
            return EIGHT + value.to_bytes(8, "big", signed=True)


def numbers(values: Iterable[int]) -> Any:
    """Signed 8-byte numbers, without their length."""
    held = array("q", values)
    held.byteswap()
    return _eights(held.tobytes())


def eui_numbers(texts: Any) -> Any:
    """Canonical EUI-64s as 8-byte numbers, without their length."""
    if not len(texts):
        return _eights(b"")
    size = 23 * len(texts)
    digits = bytes(texts.buffers()[2])[:size].replace(b"-", b"")
    return _eights(bytes.fromhex(digits.decode()))


def _eights(data: bytes) -> Any:
    count = len(data) // 8
    fixed = pa.Array.from_buffers(pa.binary(8), count, [None, pa.py_buffer(data)])
    return fixed.cast(pa.binary())


@cache
def _lengths() -> Any:
    """The lengths of up to 999 bytes; none at all stands for a value that was not given."""
    return pa.array([NULL, *(size.to_bytes(4, "big") for size in range(1, 1000))], pa.binary())


def length_and_value(texts: Any) -> tuple[Any, Any]:
    """Texts of under 1,000 bytes and their lengths; empty ones become NULL."""
    return _lengths().take(pc.binary_length(texts)), texts.cast(pa.binary())


def rows(fields: int, parts: Sequence[Any]) -> "pa.Buffer | bytes":
    """Rows of so many fields, from parts that are columns or bytes that all rows share."""
    joined = pc.binary_join_element_wise(fields.to_bytes(2, "big"), *_fewer(parts), b"")
    return joined.buffers()[2] if len(joined) else b""


def _fewer(parts: Sequence[Any]) -> list[Any]:
    """The same with neighbouring bytes made one."""
    fewer: list[Any] = []
    for part in parts:
        if isinstance(part, bytes) and fewer and isinstance(fewer[-1], bytes):
            fewer[-1] += part
        else:
            fewer.append(part)
    return fewer

"""Streaming readers that forgive what is harmless and refuse, line by line, what is not."""

import csv
import json
import re
from collections.abc import Callable, Container, Iterator, Sequence, Sized
from typing import IO, Any

import orjson

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake.kinds import Record, Refusal, Source, Unreadable

MAX_LINE_BYTES = 1_000_000
MAX_LINES_IN_QUOTES = 20
EXCERPT = 200
BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n|\Z)")
_ESCAPED_CONTROL = re.compile(
    rb"(?<!\\)(?:\\\\)*\\(?:[bf]|u00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f]))", re.IGNORECASE
)


_HAS_CONTROL = "This line contains a control character."


def excerpt_of(text: str | bytes) -> str:
    """How a record begins, for the report of it."""
    start = text[: EXCERPT * 4] if isinstance(text, bytes) else text[:EXCERPT].encode()
    return start.decode("utf-8", "replace")[:EXCERPT].replace("\x00", "\ufffd").strip()


def _refusal(line: int, refused: Refused, excerpt: str | bytes) -> Refusal:
    return Refusal(line, refused.code, refused.message, excerpt_of(excerpt))


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Physical lines with their numbers; None for one too long to hold, which is skipped."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) <= MAX_LINE_BYTES:
            yield number, raw.removeprefix(BOM) if number == 1 else raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = stream.readline(MAX_LINE_BYTES)
        yield number, None


def read_csv(
    source: Source,
    required: Sequence[str],
    parse: Callable[[dict[str, str]], Any],
    only: Container[int] | None = None,
) -> Iterator[Record | Refusal]:
    """Yield each data row of a CSV file (UTF-8, BOM and CRLF allowed) through `parse`.

    A line that is not text, has too many or too few values, or opens a quote and never closes it
    is refused by itself; the lines after it are read. Blank lines are skipped.

    Args:
        source: the file; its first line names the columns, in any order and letter case.
        required: columns that must be there; others may be.
        parse: turns a row (column in lower case: stripped text) into a record; raises Refused
            with the reason when it cannot.
        only: the lines to read; all of them when left out.

    Raises:
        Unreadable: the file is empty, is not UTF-8 text, or its first line lacks a required
            column or names one twice.
    """
    with source.open("rb") as stream:
        lines = _lines(stream)
        header = _header(source.name, next(lines, (1, b""))[1], required)
        if only is not None:
            lines = (line for line in lines if line[0] in only)
        for number, raw, row in _rows(lines):
            if isinstance(row, Refusal):
                yield row
            elif len(row) != len(header):
                reason = f"This line has {len(row)} values; line 1 names {len(header)} columns."
                yield Refusal(number, "wrong_column_count", reason, excerpt_of(raw))
            else:
                try:
                    yield number, parse(dict(zip(header, map(str.strip, row), strict=True)))
                except Refused as refused:
                    yield _refusal(number, refused, raw)


def csv_header(source: Source, required: Sequence[str]) -> list[str]:
    """The columns that line 1 of a CSV file names. Raises Unreadable as `read_csv` does."""
    with source.open("rb") as stream:
        return _header(source.name, next(_lines(stream), (1, b""))[1], required)


def _first_line(name: str, raw: bytes | None) -> str:
    if raw is None:
        raise Unreadable(f"Line 1 of {name} is longer than 1 MB. Is this a CSV file?")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8(name) from None
    if not text.strip():
        raise Unreadable(f"{name} is empty, or its first line is.")
    if "\x00" in text:
        raise _not_utf8(name)
    if "\r" in text.rstrip("\r\n"):
        raise Unreadable(f"The lines of {name} end in CR alone. Save it as CSV UTF-8.")
    return text


def _header(name: str, raw: bytes | None, required: Sequence[str]) -> list[str]:
    try:
        header = [column.strip().lower() for column in next(csv.reader([_first_line(name, raw)]))]
    except (csv.Error, StopIteration):
        raise Unreadable(f"Line 1 of {name} does not name columns. Is this a CSV file?") from None
    missing = [column for column in required if column not in header]
    if missing:
        raise Unreadable(
            f"{name} has no column {', '.join(missing)}. Line 1 must name the columns."
        )
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise Unreadable(f"{name} names the column {', '.join(twice)} twice in line 1.")
    return header


def _not_utf8(name: str) -> Unreadable:
    return Unreadable(f"{name} is not UTF-8 text. Save it as UTF-8.")


def _rows(
    lines: Iterator[tuple[int, bytes | None]],
) -> Iterator[tuple[int, bytes, list[str] | Refusal]]:
    """Records with the number and bytes of their first line."""
    pending: list[tuple[int, bytes | None]] = []
    while (item := pending.pop() if pending else next(lines, None)) is not None:
        number, raw = item
        if raw is None:
            yield number, b"", Refusal(number, "line_too_long", "This line is longer than 1 MB.")
            continue
        whole = raw
        if raw.count(b'"') % 2:
            following = _rest_of_quotes(pending, lines)
            if following is None:
                reason = "A quotation mark in this line is never closed."
                yield number, raw, Refusal(number, "not_csv", reason, excerpt_of(raw))
                continue
            whole += following
        if not whole.isspace():
            yield number, raw, _split(number, whole)


def _rest_of_quotes(
    pending: list[tuple[int, bytes | None]], lines: Iterator[tuple[int, bytes | None]]
) -> bytes | None:
    """The lines up to the one that closes the quote, or None with all of them put back."""
    ahead: list[tuple[int, bytes | None]] = []
    while len(ahead) < MAX_LINES_IN_QUOTES:
        item = pending.pop() if pending else next(lines, None)
        if item is None:
            break
        ahead.append(item)
        raw = item[1]
        if raw is None:
            break
        if raw.count(b'"') % 2:
            return b"".join(one for _, one in ahead if one)
    pending.extend(reversed(ahead))
    return None


def _split(number: int, raw: bytes) -> list[str] | Refusal:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Refusal(number, "not_utf8", "This line is not UTF-8 text.", excerpt_of(raw))
    if _CONTROL.search(text):
        return Refusal(number, "not_text", _HAS_CONTROL, excerpt_of(raw))
    if '"' not in text:
        return text.rstrip("\r\n").split(",")
    try:
        return next(csv.reader(text.splitlines(keepends=True), strict=True))
    except (csv.Error, StopIteration) as error:
        return Refusal(number, "not_csv", f"This line is not valid CSV: {error}.", excerpt_of(raw))


def read_ndjson(
    source: Source,
    parse: Callable[[dict[str, Any]], Any],
    only: Container[int] | None = None,
) -> Iterator[Record | Refusal]:
    """Yield each line of a newline-delimited JSON file through `parse`, which gets an object.

    A line over 1 MB, not JSON, or not an object is refused by itself; blank lines are skipped.
    With `only`, no lines but those are read.
    """
    return read_json_lines(source, lambda text: parse(_object(text)), only)


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise not_json() from None
    if not isinstance(value, dict):
        raise Refused("This is JSON but not an object.", code="not_an_object")
    refuse_repeated_names(text, value)
    return value


def refuse_repeated_names(text: bytes, value: Sized) -> None:
    """Refuse JSON in which an object names one thing twice: readers differ in which they take.

    Args:
        text: valid JSON, UTF-8.
        value: the object it was read as; it tells at once that a usual line repeats nothing.
    """
    names = text.count(b'":')
    has_blank_before_colon = b'" ' in text or b"\t" in text or b"\r" in text
    if has_blank_before_colon or (names != len(value) and names != _count_names(value)):
        json.loads(text, object_pairs_hook=_named_once)


def _count_names(value: Any) -> int:
    if isinstance(value, dict):
        inner = [one for one in value.values() if isinstance(one, dict | list)]
        return len(value) + sum(map(_count_names, inner))
    return sum(map(_count_names, value)) if isinstance(value, list) else 0


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _value in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused(f"This line names {twice[:60]} twice.", code="named_twice")
    return dict(pairs)


def not_json() -> Refused:
    """The refusal of a line that is not JSON."""
    return Refused("This line is not JSON.", code="not_json")


def read_json_lines(
    source: Source, parse: Callable[[bytes], Any], only: Container[int] | None = None
) -> Iterator[Record | Refusal]:
    """Yield each line of a newline-delimited JSON file through `parse`, which gets its bytes.

    For kinds that decode and check in one step, which is several times quicker than by way of a
    dictionary. `parse` raises Refused; what no kind may hold is refused here.
    """
    is_empty = True
    with source.open("rb") as stream:
        for number, raw in _lines(stream):
            if only is not None and number not in only:
                is_empty = False
                continue
            if number == 1:
                _check_first_line(source.name, raw or b"")
            if raw is None:
                is_empty = False
                yield Refusal(number, "line_too_long", "This line is longer than 1 MB.")
            elif text := raw.strip():
                is_empty = False
                yield _json_line(number, text, parse)
    if is_empty:
        yield Refusal(1, "empty_file", "The file holds no record.")


def _check_first_line(name: str, raw: bytes) -> None:
    """Refuse a file that is no NDJSON as a whole, rather than each of its lines."""
    if raw.startswith(_UTF_16) or b"\x00" in raw[:4]:
        raise _not_utf8(name)
    if raw.strip() in {b"[", b"{"}:
        raise Unreadable(f"{name} is JSON over several lines. Write one object a line.")


def _json_line(number: int, text: bytes, parse: Callable[[bytes], Any]) -> Record | Refusal:
    try:
        if has_escaped_control(text):
            raise Refused(_HAS_CONTROL, code="not_text")
        return number, parse(text)
    except Refused as refused:
        return _refusal(number, _why_not_json(text, refused), text)


def has_escaped_control(text: bytes) -> bool:
    """Whether a line of JSON spells out a control character, which no kind may hold."""
    return b"\\" in text and _ESCAPED_CONTROL.search(text) is not None


def _why_not_json(text: bytes, refused: Refused) -> Refused:
    """Why a line is not JSON, where its characters are why; else the refusal as it is."""
    if refused.code != "not_json":
        return refused
    try:
        said = text.decode("utf-8")
    except UnicodeDecodeError:
        return Refused("This line is not UTF-8 text.", code="not_utf8")
    return Refused(_HAS_CONTROL, code="not_text") if _CONTROL.search(said) else refused

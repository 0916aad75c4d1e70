"""Streaming readers that forgive what is harmless and refuse, line by line, what is not."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake.kinds import Record, Refusal, Unreadable

MAX_LINE_BYTES = 1_000_000
EXCERPT = 200


def _excerpt(text: str) -> str:
    return (
        text[:EXCERPT].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd").strip()
    )


def _refusal(line: int, refused: Refused, excerpt: str) -> Refusal:
    return Refusal(line, refused.code, refused.message, _excerpt(excerpt))


def read_csv(
    path: Path, required: Sequence[str], parse: Callable[[dict[str, str]], Any]
) -> Iterator[Record | Refusal]:
    """Yield each data row of a CSV file (UTF-8, BOM and CRLF allowed) through `parse`.

    Args:
        path: the file; its first line names the columns, in any order and letter case.
        required: columns that must be there.
        parse: turns a row (column in lower case: stripped text, missing columns absent) into a
            record; raises Refused with the reason when it cannot.

    Raises:
        Unreadable: the file is empty or a required column is missing.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream)
        try:
            header = [name.strip().lower() for name in next(reader)]
        except StopIteration:
            raise Unreadable(f"{path.name} is empty.") from None
        except csv.Error as error:
            raise Unreadable(f"{path.name} is not CSV: {error}.") from error
        missing = [name for name in required if name not in header]
        if missing:
            raise Unreadable(
                f"{path.name} has no column {', '.join(missing)}; line 1 must name the columns."
            )
        yield from _rows(reader, header, parse)


def _rows(
    reader: Any, header: list[str], parse: Callable[[dict[str, str]], Any]
) -> Iterator[Record | Refusal]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(reader.line_num, "not_csv", f"This line is not valid CSV: {error}.")
            continue
        if not any(row):
            continue
        line, text = reader.line_num, ",".join(row)
        if len(row) != len(header):
            reason = f"This line has {len(row)} values; the first line names {len(header)} columns."
            yield Refusal(line, "wrong_column_count", reason, _excerpt(text))
        elif not _is_text(text):
            yield Refusal(line, "not_utf8", "This line is not UTF-8 text.", _excerpt(text))
        else:
            try:
                yield line, parse({k: v.strip() for k, v in zip(header, row, strict=True)})
            except Refused as refused:
                yield _refusal(line, refused, text)


def _is_text(text: str) -> bool:
    if text.isascii():
        return "\x00" not in text
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def read_ndjson(path: Path, parse: Callable[[dict[str, Any]], Any]) -> Iterator[Record | Refusal]:
    """Yield each line of a newline-delimited JSON file through `parse`, which gets an object.

    A line over 1 MB, not JSON, or not an object is refused by itself; blank lines are skipped.
    """
    with path.open("rb") as stream:
        line = 0
        while raw := stream.readline(MAX_LINE_BYTES + 1):
            line += 1
            if len(raw) > MAX_LINE_BYTES:
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(MAX_LINE_BYTES)
                yield Refusal(line, "line_too_long", "This line is longer than 1 MB.")
                continue
            text = raw.removeprefix(b"\xef\xbb\xbf").strip() if line == 1 else raw.strip()
            if text:
                yield _ndjson_record(line, text, parse)


def _ndjson_record(
    line: int, text: bytes, parse: Callable[[dict[str, Any]], Any]
) -> Record | Refusal:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Refusal(
            line, "not_json", "This line is not JSON.", _excerpt(text.decode("utf-8", "replace"))
        )
    if not isinstance(value, dict):
        return Refusal(
            line, "not_an_object", "This line is JSON but not an object.", _excerpt(text.decode())
        )
    if b"\\u0000" in text:
        return Refusal(line, "not_text", "This line contains a NUL character.", "")
    try:
        return line, parse(value)
    except Refused as refused:
        return _refusal(line, refused, json.dumps(value)[:EXCERPT])


def read_whole(
    path: Path, parse: Callable[[bytes], Any], max_bytes: int
) -> Iterator[Record | Refusal]:
    """Yield one record for a whole file, for documents such as a Service Request in XML."""
    if path.stat().st_size > max_bytes:
        yield Refusal(
            1, "too_large", f"{path.name} is larger than {max_bytes // 1_000_000} MB.", path.name
        )
        return
    try:
        yield 1, parse(path.read_bytes())
    except Refused as refused:
        yield _refusal(1, refused, path.name)

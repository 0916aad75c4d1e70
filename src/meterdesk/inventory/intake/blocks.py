"""Files as blocks of columns, a few ten thousand records at a time.

What is not plainly one record on one line is left: its line is named, for the reader that takes
files in record by record.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.csv

from meterdesk.inventory.intake.fields import is_ndjson
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Source, refuse_repeated_names
from meterdesk.platform.intake.readers import MAX_LINE_BYTES, csv_header, has_escaped_control

BLOCK_BYTES: Final = 4 << 20
"""Larger ones are read and packed more slowly: their memory is new each time."""
_BOM: Final = b"\xef\xbb\xbf"
_CONTROLS: Final = bytes(one for one in (*range(32), 127) if one not in b"\t\n\r")
_LATER_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")
"""U+0080 to U+009F in UTF-8."""
_PARSE: Final = pyarrow.csv.ParseOptions(quote_char=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Records as columns of text, all of one length; `lines` has the line of each record.

    `left` has the lines that stand in no column; `last` is the last line of the block.
    """

    columns: Mapping[str, Any]
    lines: Sequence[int]
    left: Sequence[int]
    last: int


def read_blocks(source: Source, required: Sequence[str], names: Sequence[str]) -> Iterator[Block]:
    """The columns of these names that the file has. Raises Unreadable as `read_csv` does."""
    json = is_ndjson(source)
    header = [] if json else csv_header(source, required)
    first = 1
    with source.open("rb") as stream:
        if not json:
            stream.readline()
            first = 2
        while raw := stream.read(BLOCK_BYTES):
            raw += _rest_of_line(stream)
            if first == 1:
                raw = raw.removeprefix(_BOM)
            block = _objects(raw, first, names) if json else _rows(raw, first, header, names)
            yield block
            first = block.last + 1


def _rest_of_line(stream: Any) -> bytes:
    """What a block lacks of its last line; of one that is too long, enough to see that."""
    rest = more = stream.readline(MAX_LINE_BYTES + 1)
    while more and not more.endswith(b"\n"):
        more = stream.readline(MAX_LINE_BYTES)
        rest = rest[:MAX_LINE_BYTES] + more[-1:]
    return bytes(rest)


def _lines(raw: bytes, first: int) -> list[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers."""
    return [one for one in enumerate(raw.split(b"\n"), first) if one[1].strip()]


def _rows(raw: bytes, first: int, header: list[str], names: Sequence[str]) -> Block:
    wanted = [name for name in names if name in header]
    size = raw.count(b"\n") + (not raw.endswith(b"\n"))
    last = first + size - 1
    if _is_plain(raw):
        with suppress(pa.ArrowInvalid):
            table = _table(raw, header, wanted)
            if len(table) == size:
                columns = {name: table.column(name).combine_chunks() for name in wanted}
                return Block(columns, range(first, last + 1), [], last)
    return _rows_one_by_one(raw, first, last, header, wanted)


def _rows_one_by_one(
    raw: bytes, first: int, last: int, header: list[str], wanted: list[str]
) -> Block:
    """The same, where some lines are no plain records."""
    commas = len(header) - 1
    plain: list[tuple[int, bytes]] = []
    split: list[tuple[int, list[str]]] = []
    left = []
    for number, line in _lines(raw, first):
        if line.count(b",") == commas and _is_plain(line):
            plain.append((number, line))
        elif row := _split(line, commas):
            split.append((number, row))
        else:
            left.append(number)
    parts = []
    if plain:
        table = _table(b"\n".join(line for _number, line in plain), header, wanted)
        parts.append({name: table.column(name).combine_chunks() for name in wanted})
    if split:
        rows = [row for _number, row in split]
        parts.append({name: pa.array([r[header.index(name)] for r in rows]) for name in wanted})
    columns = {name: pa.concat_arrays([part[name] for part in parts]) for name in wanted if parts}
    kept = [number for number, _line in plain] + [number for number, _row in split]
    return Block(columns, kept, left, last)


def _is_plain(lines: bytes) -> bool:
    """Whether it is text, in which commas and ends of lines alone tell values apart."""
    if b'"' in lines or len(lines.translate(None, _CONTROLS)) < len(lines):
        return False
    if b"\r" in lines and lines.rstrip(b"\r").count(b"\r") != lines.count(b"\r\n"):
        return False
    if lines.isascii():
        return True
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return _LATER_CONTROL.search(lines) is None


def _split(line: bytes, commas: int) -> list[str] | None:
    """The values of a line with quotes that is a record of its own, or None."""
    if line.count(b'"') % 2 or not _is_plain(line.replace(b'"', b"")):
        return None
    try:
        (row,) = csv.reader([line.decode()], strict=True)
    except (csv.Error, ValueError):
        return None
    return row if len(row) == commas + 1 else None


def _table(raw: bytes, header: list[str], wanted: list[str]) -> pa.Table:
    return pyarrow.csv.read_csv(
        io.BytesIO(raw),
        pyarrow.csv.ReadOptions(
            column_names=header, use_threads=False, block_size=BLOCK_BYTES + MAX_LINE_BYTES
        ),
        _PARSE,
        pyarrow.csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
        ),
    )


def _objects(raw: bytes, first: int, names: Sequence[str]) -> Block:
    rows, kept, left = [], [], []
    for number, line in _lines(raw, first):
        if row := _texts(line, names):
            rows.append(row)
            kept.append(number)
        else:
            left.append(number)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    last = first + raw.count(b"\n") - raw.endswith(b"\n")
    return Block(dict(zip(names, arrays, strict=True)), kept, left, last)


def _texts(line: bytes, names: Sequence[str]) -> list[str] | None:
    """The values of an object in the order of the names, or None when one is not a text."""
    if len(line) > MAX_LINE_BYTES or has_escaped_control(line):
        return None
    try:
        given = orjson.loads(line)
        if not isinstance(given, dict) or given.get("status_history"):
            return None
        refuse_repeated_names(line.strip(), given)
    except (orjson.JSONDecodeError, Refused):
        return None
    associated = given.get("associated_with")
    if isinstance(associated, list) and all(isinstance(one, str) for one in associated):
        given["associated_with"] = " ".join(associated)
    row = [given.get(name) or "" for name in names]
    return row if all(isinstance(value, str) for value in row) else None

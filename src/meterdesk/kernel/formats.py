"""CSV that a spreadsheet opens safely: no cell can become a formula. Names that files can have."""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

BOM: Final = "\ufeff"
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
LONGEST_NAME: Final = 200
"""Bytes of a file name that leave room for what is put before and behind it."""
_NEGATIVE: Final = re.compile(r"-[0-9]+(\.[0-9]+)?")


def csv_cell(value: object) -> str:
    """Return the text of one cell.

    Text that a spreadsheet would take for a formula gets an apostrophe before it; negative
    numbers do not. None is empty, true and false are Yes and No, instants are ISO 8601 with
    their offset.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    if text.startswith(_FORMULA_STARTS) and not _NEGATIVE.fullmatch(text):
        return f"'{text}"
    return text


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = False
) -> Iterator[str]:
    """Yield a CSV file line by line (RFC 4180), each ending in CR LF.

    With `bom` the first line begins with a byte order mark, by which Excel knows UTF-8.
    """
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield (BOM if bom else "") + str(writer.writerow([csv_cell(name) for name in header]))
    for row in rows:
        yield str(writer.writerow([csv_cell(value) for value in row]))


def short_name(name: str) -> str:
    """The end of a file's name, as text of at most LONGEST_NAME bytes; what is no text is left out.

    A file system counts bytes, a letter takes up to four of them.
    """
    return os.fsencode(name)[-LONGEST_NAME:].decode("utf-8", "ignore")

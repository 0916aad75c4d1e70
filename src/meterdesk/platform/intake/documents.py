"""Reads files of XML documents that stand one after the other."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import IO, Any, Final

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake.kinds import Record, Refusal, Source
from meterdesk.platform.intake.readers import BOM, excerpt_of

_DECLARATION: Final = re.compile(rb"<\?xml\s")
_SPLIT_DECLARATION: Final = 5
"""Bytes of a declaration that may end a block without its being known as one."""
_BLOCK: Final = 1 << 20


def read_documents(
    source: Source,
    parse: Callable[[bytes], Any],
    max_bytes: int,
    excerpt: Callable[[bytes], bytes] = bytes,
) -> Iterator[Record | Refusal]:
    """Yield each XML document of a file through `parse`, with the line at which it begins.

    Each document but the first begins with its XML declaration. One that cannot be read is refused
    by itself; the next declaration begins another.

    Args:
        source: the file, in UTF-8, with a byte order mark or without.
        parse: turns a document into a record; raises Refused.
        max_bytes: of a document; of a longer one no more than this is held.
        excerpt: what the report shows of a document, for example its reference.
    """
    is_empty = True
    with source.open("rb") as stream:
        for start, piece in _pieces(stream, max_bytes):
            text = piece.lstrip()
            if not text:
                continue
            line = start + piece.count(b"\n", 0, len(piece) - len(text))
            is_empty = False
            try:
                if len(piece) > max_bytes:
                    raise Refused(
                        f"The document is larger than {max_bytes // 1_000_000} MB.",
                        code="too_large",
                    )
                yield line, parse(text)
            except Refused as refused:
                yield Refusal(line, refused.code, refused.message, excerpt_of(excerpt(text)))
    if is_empty:
        yield Refusal(1, "empty_file", "The file holds no document.")


def _pieces(stream: IO[bytes], most: int) -> Iterator[tuple[int, bytes]]:
    """What stands between declarations, with the line it begins at; of what is too long a part."""
    held, line, dropping = stream.read(len(BOM)).removeprefix(BOM), 1, False
    for block in iter(lambda: stream.read(_BLOCK), b""):
        held += block
        begins = [one.start() for one in _DECLARATION.finditer(held, 0 if dropping else 1)]
        for start, end in pairwise([0, *begins]):
            if not dropping:
                yield line, held[start:end]
            dropping = False
            line += held.count(b"\n", start, end)
        held = held[begins[-1] :] if begins else held
        if len(held) > most + _SPLIT_DECLARATION and not dropping:
            yield line, held
            dropping = True
        if dropping:
            line += held.count(b"\n", 0, -_SPLIT_DECLARATION)
            held = held[-_SPLIT_DECLARATION:]
    if not dropping:
        yield line, held

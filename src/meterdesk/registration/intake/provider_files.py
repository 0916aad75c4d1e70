"""Files of Registration Data Providers: header, records, trailer; staged, then taken whole (REG-1).

A record that is wrong is refused by itself; a file whose frame is wrong is refused whole, and
nothing of it is applied. The layout is in docs/reference/formats/registration-files.md.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import IO, Final, NamedTuple

from django.utils import timezone

from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source
from meterdesk.platform.intake.kinds import Record
from meterdesk.registration.actions.receiving import (
    InHand,
    decide_file,
    receive_file,
    stage_records,
)
from meterdesk.registration.intake.rows import COLUMNS, DOUBTFUL, instant, parse_mpxn_of, reader
from meterdesk.registration.rules.files import Fuel, Malformed, parse_header, parse_trailer
from meterdesk.registration.rules.rows import Staged, Wrong, is_doubtful

LONGEST_LINE: Final = 10_000
_BOM: Final = b"\xef\xbb\xbf"
_PARTS: Final = len(COLUMNS)


class Item(NamedTuple):
    """Something read: a row, something wrong, or None for the end of the file."""

    file: InHand
    content: Staged | Wrong | None


def _lines(stream: IO[bytes], file: InHand) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers, all of them in the digest; None for one too long to hold."""
    digest, number = hashlib.sha256(), 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        digest.update(raw)
        whole: bytes | None = raw.removeprefix(_BOM) if number == 1 else raw
        if len(raw) > LONGEST_LINE:
            whole = None
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
                digest.update(raw)
        yield number, whole
    file.sha256 = digest.hexdigest()


def _reader_of(fuel: Fuel) -> Callable[[Source, Mapping[str, str]], Iterator[Record | Refusal]]:
    def read(source: Source, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
        file = InHand(source.name, fuel)
        with source.open("rb") as stream:
            number = 0
            for number, content in _contents(stream, file):
                yield number, Item(file, content)
        if not file.fault and file.trailer is None:
            file.fault = "The file has no trailer: it ends before it is complete."
        yield max(number, 1), Item(file, None)

    return read


def _contents(stream: IO[bytes], file: InHand) -> Iterator[tuple[int, Staged | Wrong]]:
    lines, parse = _lines(stream, file), _record_reader(file.fuel)
    _open(file, next(lines, (1, b""))[1])
    for number, raw in lines:
        if file.fault or (raw is not None and not raw.strip()):
            continue
        if file.trailer is not None:
            file.fault = f"Line {number} follows the trailer."
        elif raw is not None and raw[:2].upper() == b"T|":
            _close(file, raw)
        else:
            file.records += 1
            yield number, _record(raw, parse)


def _open(file: InHand, raw: bytes | None) -> None:
    try:
        if raw is None:
            raise Malformed("The first line is too long for a header.")
        file.header = parse_header(raw.decode("utf-8").strip())
    except UnicodeDecodeError:
        file.fault = "The header is not UTF-8 text."
    except Malformed as wrong:
        file.fault = str(wrong)
    else:
        if file.header.fuel is not file.fuel:
            file.fault = f"This is a file of {file.header.fuel.value.lower()}."


def _close(file: InHand, raw: bytes) -> None:
    try:
        file.trailer = parse_trailer(raw.decode("utf-8", "replace").strip())
    except Malformed as wrong:
        file.fault = str(wrong)
        return
    header = file.header
    if header and (file.trailer.provider, file.trailer.sequence) != (
        header.provider,
        header.sequence,
    ):
        file.fault = "Header and trailer name different providers or sequences."


def _record(raw: bytes | None, parse: Callable[[list[str]], Staged]) -> Staged | Wrong:
    if raw is None:
        return Wrong("", "line_too_long", f"The line is longer than {LONGEST_LINE} bytes.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Wrong("", "not_utf8", "The line is not UTF-8 text.")
    parts = [part.strip() for part in text.split("|")]
    mpxn = parts[1][:40] if len(parts) > 1 else ""
    if not text.rstrip("\r\n").isprintable():
        return Wrong("", "not_text", "The line contains a control character.")
    try:
        return parse(parts)
    except Refused as refused:
        return Wrong(mpxn, refused.code, refused.message)


def _record_reader(fuel: Fuel) -> Callable[[list[str]], Staged]:
    parse_row, gas = reader(), fuel is Fuel.GAS

    def parse(parts: list[str]) -> Staged:
        match parts[0].upper():
            case "R" if len(parts) == _PARTS + 1:
                row = parse_row(dict(zip(COLUMNS, parts[1:], strict=True)))
                if (row.kind == "GAS") is not gas:
                    raise Refused(f"A {row.kind} meter point is not {fuel.value.lower()}.",
                                  code="wrong_fuel")  # fmt: skip
                return Staged(False, row.mpxn, row.active_from, row)
            case "W" if len(parts) == 3:
                return Staged(True, parse_mpxn_of(gas, parts[1]), instant("date", parts[2]), None)
            case "R" | "W":
                raise Refused(f"The record has {len(parts)} parts.", code="wrong_part_count")
            case other:
                raise Refused(
                    f"A record begins with R or W, not {other[:10] or 'nothing'}.",
                    code="unknown_record",
                )

    return parse


def apply(batch: Batch) -> Outcome:
    """Stage the records of a batch; with a file's end, decide what becomes of the file."""
    outcome, at = Outcome(), timezone.now()
    # The batch comes in the order of its files.
    for _file, items in groupby(batch.records, key=lambda record: id(record[1].file)):
        pairs = list(items)
        file: InHand = pairs[0][1].file
        if not file.file_id:
            file.run_id = batch.run_id or None
            receive_file(file, at=at)
        wrong: list[tuple[int, Wrong]] = []
        rows: list[tuple[int, Staged]] = []
        for line, (_same, content) in pairs:
            if isinstance(content, Wrong):
                wrong.append((line, content))
            elif content is not None:
                rows.append((line, content))
        stage_records(file, rows, wrong, at=at)
        outcome.refused += [Refusal(line, one.code, one.reason, one.mpxn) for line, one in wrong]
        outcome.noted[DOUBTFUL] += sum(
            one.row is not None and is_doubtful(one.row) for _, one in rows
        )
        if pairs[-1][1].content is None:
            decided = decide_file(file, at=at)
            outcome.accepted += decided.accepted
            outcome.unchanged += decided.unchanged
            outcome.refused += [
                Refusal(one.line, one.code, one.reason, one.mpxn) for one in decided.refused
            ]
            outcome.noted[decided.words] += 1
    outcome.noted = +outcome.noted
    return outcome


def _intake(fuel: Fuel) -> Intake:
    title = f"Registration data file, {fuel.value.lower()}"
    return Intake(fuel.intake_kind, title, _reader_of(fuel), apply, batch_size=20_000)


ELECTRICITY = _intake(Fuel.ELECTRICITY)
GAS = _intake(Fuel.GAS)
PROVIDER_KINDS = (ELECTRICITY, GAS)

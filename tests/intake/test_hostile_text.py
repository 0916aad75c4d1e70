"""Every kind of file, made bad as text: each record answered by itself, nothing half applied.

The table of docs/reference/formats/README.md says the same in words.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from tests.intake.files import FORMS, Answer, Form, stored, taken

from meterdesk.platform.intake import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("SSI-NFR-22", "REG-1")]

Spoil = Callable[[bytes], bytes]


def within(what: bytes) -> Spoil:
    """Put something into a row, before its last characters."""
    return lambda row: row[:-3] + what + row[-3:]


def quote_opened(row: bytes) -> bytes:
    return b'"' + row


def named_again(row: bytes) -> bytes:
    return b'{"device_id":"00-DB-12-34-56-78-90-FF",' + row[1:]


def named_again_with_blanks(row: bytes) -> bytes:
    return b'{"device_id"\t: "00-DB-12-34-56-78-90-FF",' + row[1:]


def escaped(row: bytes) -> bytes:
    return row[:-1] + b',"remark":"a\\u0007b"}'


SPOILT_ROWS: dict[str, dict[str, tuple[Spoil, str]]] = {
    "csv": {
        "Latin-1": (within(b"\xe9"), "not_utf8"),
        "NUL": (within(b"\x00"), "not_text"),
        "a control character": (within(b"\x07"), "not_text"),
        "CR within a line": (within(b"\r"), "not_text"),
        "a huge line": (within(b"x" * 1_100_000), "line_too_long"),
        "a quote never closed": (quote_opened, "not_csv"),
        "one value too many": (lambda row: row + b",", "wrong_column_count"),
        "half a line": (lambda row: row[: row.rindex(b",")], "wrong_column_count"),
    },
    "ndjson": {
        "Latin-1": (within(b"\xe9"), "not_utf8"),
        "NUL": (within(b"\x00"), "not_text"),
        "a control character": (within(b"\x07"), "not_text"),
        "a control character, escaped": (escaped, "not_text"),
        "a huge line": (within(b"x" * 1_100_000), "line_too_long"),
        "half a line": (lambda row: row[: len(row) // 2], "not_json"),
        "a quote never closed": (lambda row: b"".join(row.rsplit(b'"', 1)), "not_json"),
        "not an object": (lambda _row: b"[]", "not_an_object"),
        "nested deeply": (lambda row: row[:-1] + b',"x":' + b"[" * 100_000, "not_json"),
        "a name twice": (named_again, "named_twice"),
        "a name twice, with blanks": (named_again_with_blanks, "named_twice"),
    },
    "provider": {
        "Latin-1": (within(b"\xe9"), "not_utf8"),
        "NUL": (within(b"\x00"), "not_text"),
        "a control character": (within(b"\x07"), "not_text"),
        "a huge line": (within(b"x" * 1_100_000), "line_too_long"),
        "a quote": (quote_opened, "unknown_record"),
        "one value too many": (lambda row: row + b"|", "wrong_part_count"),
        "half a line": (lambda row: row[: row.rindex(b"|")], "wrong_part_count"),
    },
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Form:
    found = FORMS[request.param]
    found.prepare(tmp_path)
    return found


def undone(form: Form, folder: Path, content: bytes) -> tuple[Answer, tuple[int, ...]]:
    """What became of a file and what was stored of it; nothing of it stays."""
    with transaction.atomic():
        before = stored(form)
        answer = taken(form, folder, content)
        added = tuple(now - then for now, then in zip(stored(form), before, strict=True))
        transaction.set_rollback(True)
    return answer, added


def test_every_kind_of_file_is_tried() -> None:
    assert {form.kind for form in FORMS.values()} == {intake.kind for intake in kinds()}


def test_a_bad_row_is_refused_by_itself(form: Form, tmp_path: Path) -> None:
    first, second, *others = form.rows
    without = undone(form, tmp_path, form.text(first, *others, count=len(form.rows) - 1))
    assert without[0] == Answer(accepted=len(form.rows) - 1)
    for what, (spoil, code) in SPOILT_ROWS[form.family].items():
        answer, added = undone(form, tmp_path, form.text(first, spoil(second), *others))
        assert answer == Answer(len(form.rows) - 1, refused=((form.first_line + 1, code),)), what
        # As if the row had not been in the file.
        assert added == without[1], what


def test_what_is_harmless_is_forgiven(form: Form, tmp_path: Path) -> None:
    good = undone(form, tmp_path, form.text())
    assert good[0] == Answer(len(form.rows))
    for content in (
        b"\xef\xbb\xbf" + form.text(end=b"\r\n"),
        form.text().rstrip(b"\n"),
        form.text(end=b"\n\n"),
    ):
        assert undone(form, tmp_path, content) == good


def test_a_row_given_twice_counts_once(form: Form, tmp_path: Path) -> None:
    first, second, *others = form.rows
    number = len(form.rows)
    content = form.text(first, second, second, *others, count=number + 1)
    answer, added = undone(form, tmp_path, content)
    assert added == undone(form, tmp_path, form.text())[1]
    code = {
        "coverage-whole": "said_again",
        "registration-electricity": "duplicate_key",
        "registration-gas": "duplicate_key",
    }.get(form.kind)
    refused = ((form.first_line + 2, code),) if code else ()
    assert answer == Answer(number, 0 if code else 1, refused)


def test_a_file_in_another_form_is_not_taken_at_all(form: Form, tmp_path: Path) -> None:
    text = form.text()
    nothing = {"csv": "", "ndjson": "empty_file", "provider": "unknown_provider"}[form.family]
    for what, content in {
        "UTF-16": text.decode().encode("utf-16"),
        "UTF-16 without mark": text.decode().encode("utf-16-le"),
        "nothing": b"",
        "blank lines": b" \n\n",
        "CR alone": form.text(end=b"\r"),
        "a damaged archive": b"PK\x03\x04" + text,
    }.items():
        answer, added = undone(form, tmp_path, content)
        assert answer.accepted == 0, what
        assert not any(added), what
        if form.family == "csv" or what == "a damaged archive":
            assert answer.unreadable.endswith("."), what
        elif what in {"nothing", "blank lines"}:
            assert answer.refused == ((1, nothing),), what
        elif form.family == "ndjson" and what != "CR alone":
            assert "is not UTF-8 text" in answer.unreadable, what
        else:
            assert [line for line, _code in answer.refused] == [1], what


def test_a_file_cut_off_is_taken_as_far_as_its_form_allows(form: Form, tmp_path: Path) -> None:
    whole = form.text()
    cut = whole[: whole.rindex(form.rows[-1]) + len(form.rows[-1]) // 2]
    answer, added = undone(form, tmp_path, cut)
    last = form.first_line + len(form.rows) - 1
    if form.family == "provider":
        # It has a trailer, so that nothing of a half file counts.
        assert answer == Answer(refused=((1, "malformed"), (last, "wrong_part_count")))
        assert not any(added)
    else:
        code = "not_json" if form.family == "ndjson" else "wrong_column_count"
        assert answer == Answer(len(form.rows) - 1, refused=((last, code),))
        assert any(added)
    # The file sent again, whole, brings what was missing.
    taken(form, tmp_path, cut)
    again = taken(form, tmp_path, whole)
    assert (again.accepted + again.unchanged, again.refused) == (len(form.rows), ())


HEADED = tuple(name for name, form in FORMS.items() if form.family == "csv")


@pytest.mark.parametrize("name", HEADED)
def test_the_first_line_must_name_each_column_once(name: str, tmp_path: Path) -> None:
    form = FORMS[name]
    form.prepare(tmp_path)
    head, first = form.head, form.head.split(b",")[0]
    for changed, said in (
        (head + b"," + first.upper(), f"names the column {first.decode().lower()} twice"),
        (head.replace(first, b"other", 1), f"has no column {first.decode().lower()}"),
        (b"<!doctype html>", "has no column"),
    ):
        answer, added = undone(form, tmp_path, form.text().replace(head, changed, 1))
        assert said in answer.unreadable
        assert not any(added)


@pytest.mark.parametrize("name", HEADED)
def test_a_value_in_quotes_may_hold_commas_and_line_ends(name: str, tmp_path: Path) -> None:
    form = FORMS[name]
    form.prepare(tmp_path)
    first, second, *others = form.rows
    begins, _comma, rest = second.partition(b",")
    quoted = b'"' + begins + b'\r\n",' + rest
    assert undone(form, tmp_path, form.text(first, quoted, *others))[0] == Answer(len(form.rows))


def test_json_over_several_lines_and_other_packings_are_named(tmp_path: Path) -> None:
    form = FORMS["trail.ndjson"]
    for content, said in (
        (b'[\n{"type": "request"}\n]\n', "is JSON over several lines. Write one object a line."),
        (b'{\n"type": "request"\n}\n', "is JSON over several lines. Write one object a line."),
        (gzip.compress(form.text()), "is packed otherwise than as ZIP. Unpack it first."),
    ):
        assert said in taken(form, tmp_path, content).unreadable

"""DUIS documents come in whole, once, and hostile ones not at all."""

import zipfile
from pathlib import Path

import pytest
from django.db import connection

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake import Unreadable, run_intake
from meterdesk.platform.models import IntakeRefusal
from meterdesk.trail.intake import duis
from meterdesk.trail.models import Document

pytestmark = [pytest.mark.django_db, pytest.mark.database]
RECEIVED = {"received_at": "2026-03-01T09:30:00Z"}


@pytest.fixture
def templates(realdata: Path) -> list[Path]:
    return sorted((realdata / "duis" / "templates-5.4").glob("*.XML"))


@pytest.fixture
def schemas(realdata: Path, settings) -> Path:
    settings.DUIS_SCHEMAS = realdata / "duis" / "schemas"
    return settings.DUIS_SCHEMAS


def counts(run) -> tuple[int, int, int]:
    return run.accepted, run.unchanged, run.refused


def rows(columns: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from trail_message order by received_at, fingerprint")
        return cursor.fetchall()


@pytest.mark.req("GW-1", "AUD-1")
def test_every_template_comes_in_and_a_second_run_changes_nothing(templates, schemas):
    first = run_intake("trail", templates, options=RECEIVED)
    again = run_intake("trail", templates)

    assert (counts(first), counts(again)) == ((297, 0, 0), (0, 297, 0))
    assert "checked against the schema; signatures were not verified here" in first.note
    held = rows("srv, id_used_again, party, target, status")
    assert len(held) == 297
    assert len({row[0] for row in held}) == 129
    assert sum(row[1] for row in held) == 297 - 46
    assert Document.objects.filter(schema_checked=True).count() == 297


@pytest.mark.req("SSI-FR-7")
def test_the_document_says_what_the_record_holds(templates, schemas):
    name = "ECS01a_1.1.1_FUTURE_DATED_TOU_BLOCK_SUCCESS_REQUEST_DUIS.XML"
    chosen = next((path for path in templates if path.name == name), None)
    assert chosen is not None
    run_intake("trail", [chosen], options=RECEIVED)

    [row] = rows(
        "party, device_id, counter, command_variant, mode, received_at, kind, id_used_again"
    )
    document = Document.objects.get()
    assert document.request_id == f"{eui_from_int(row[0])}:{eui_from_int(row[1])}:{row[2]}"
    assert (row[3], row[4], row[6], row[7]) == (4, 2, 1, False)
    assert row[5].isoformat() == "2026-03-01T09:30:00+00:00"


@pytest.mark.req("AUD-1")
def test_the_same_id_with_other_content_is_a_record_of_its_own(templates, schemas, tmp_path):
    original = templates[0].read_text(encoding="utf-8")
    changed = tmp_path / "changed.xml"
    changed.write_text(original.replace("00-DB-12-34-56-78-90-A0", "00-DB-12-34-56-78-90-A9"))
    reformatted = tmp_path / "reformatted.xml"
    reformatted.write_text(original.replace('schemaVersion="5.4">', 'schemaVersion = "5.4" >'))

    first = run_intake("trail", [templates[0], changed, changed])
    again = run_intake("trail", [reformatted])

    assert (counts(first), counts(again)) == ((2, 1, 0), (0, 1, 0))
    assert [row[0] for row in sorted(rows("id_used_again"))] == [False, True]


@pytest.mark.req("GW-1")
def test_without_schema_files_the_envelope_is_checked_and_the_run_says_so(templates, settings):
    settings.DUIS_SCHEMAS = None
    run = run_intake("trail", templates[:3])

    assert counts(run) == (3, 0, 0)
    assert "the schema was not checked" in run.note
    assert Document.objects.filter(schema_checked=False).count() == 3


@pytest.mark.req("GW-1")
@pytest.mark.parametrize("with_schema", [True, False])
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<ds:Signature ", "<ds:Signed ", "not_xml"),
        ("sr:RequestID>", "sr:RequestName>", "schema bad_envelope"),
        (
            ":1000</sr:RequestID>",
            ":18446744073709551616</sr:RequestID>",
            "schema invalid_identifier",
        ),
        (">11.1</sr:ServiceReference>", ">11.2</sr:ServiceReference>", "unknown_variant"),
        ("sr:Body>", "sr:Corpus>", "schema bad_envelope"),
        ("sr:Request", "sr:Response", "not_a_request"),
    ],
)
def test_a_document_that_is_not_right_is_refused(realdata, old, new, code, with_schema):
    folder = realdata / "duis"
    path = folder / "templates-5.4" / "11.1_UPDATE_FIRMWARE_REQUEST_DUIS.XML"
    schema = duis.load_schema(folder / "schemas") if with_schema else None
    content = path.read_text(encoding="utf-8")
    assert old in content
    with pytest.raises(Refused) as refused:
        duis.read_document(content.replace(old, new).encode(), schema=schema, filename="x.xml")
    assert refused.value.code in code.split()


@pytest.mark.req("GW-1")
def test_an_unsigned_document_is_refused(templates):
    head, _, rest = templates[0].read_text(encoding="utf-8").partition("<ds:Signature")
    unsigned = head + rest.partition("</ds:Signature>")[2]
    with pytest.raises(Refused) as refused:
        duis.read_document(unsigned.encode(), schema=None, filename="x.xml")
    assert refused.value.code == "not_signed"


@pytest.mark.req("SSI-NFR-22")
def test_hostile_documents_are_refused_each_with_its_reason(realdata, schemas, tmp_path):
    attacks = sorted((realdata / "xml-attacks").glob("*.xml"))
    deep = tmp_path / "deep.xml"
    deep.write_text("<a>" * 5_000 + "</a>" * 5_000)
    wide = tmp_path / "wide.xml"
    wide.write_text("<a>" + "<b/>" * 400_000 + "</a>")
    xxe = realdata / "duis" / "signed" / "signing-tool-test" / "duis-xxe.xml"

    run = run_intake("trail", [*attacks, xxe, deep, wide])

    assert counts(run) == (0, 0, len(attacks) + 3)
    codes = dict(IntakeRefusal.objects.values_list("file", "code"))
    assert {codes.pop("deep.xml"), codes.pop("wide.xml")} == {"too_complex"}
    assert {codes.pop("simple.xml"), codes.pop("simple-ns.xml")} == {"not_a_request"}
    assert set(codes.values()) == {"doctype"}
    assert rows("*") == []


@pytest.mark.req("SSI-NFR-22")
def test_a_wrong_schema_folder_or_time_is_said_so(templates, settings, tmp_path):
    settings.DUIS_SCHEMAS = tmp_path
    with pytest.raises(Unreadable, match=r"METERDESK_DUIS_SCHEMAS must name a folder"):
        run_intake("trail", templates[:1])
    settings.DUIS_SCHEMAS = None
    with pytest.raises(Unreadable, match="with Z or an offset"):
        run_intake("trail", templates[:1], options={"received_at": "2026-03-01T09:30:00"})
    with pytest.raises(Unreadable, match="more than a day ahead"):
        run_intake("trail", templates[:1], options={"received_at": "2126-03-01T09:30:00Z"})


def with_counter(text: bytes, counter: int) -> bytes:
    return text.replace(b":1000</sr:RequestID>", b":%d</sr:RequestID>" % counter)


@pytest.mark.req("GW-1", "SSI-NFR-22")
def test_documents_one_after_the_other_are_answered_each_by_its_line(templates, schemas, tmp_path):
    good = templates[0].read_bytes()
    lines = good.count(b"\n")
    cut, wrong = good[: len(good) // 2], good.replace(b"sr:Body>", b"sr:Corpus>")
    path = tmp_path / "many.xml"
    path.write_bytes(b"".join([good, with_counter(wrong, 2), with_counter(good, 3), cut]))

    run = run_intake("trail", [path])

    assert counts(run) == (2, 0, 2)
    refused = list(IntakeRefusal.objects.order_by("line").values_list("line", "code", "excerpt"))
    originator = "90-B3-D5-1F-30-01-00-00:90-B3-D5-1F-30-00-00-02"
    assert refused == [
        (1 + lines, "schema", f"{originator}:2"),
        (1 + 3 * lines, "not_xml", f"{originator}:1000"),
    ]
    assert sorted(row[0] for row in rows("counter")) == [3, 1000]


@pytest.mark.req("GW-1", "SSI-NFR-22")
def test_documents_in_an_archive_are_answered_each_by_its_entry(templates, schemas, tmp_path):
    good = templates[0].read_bytes()
    path = tmp_path / "batch.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.xml", good)
        archive.writestr("two/hostile.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
        archive.writestr("../three.xml", with_counter(good, 3))
        archive.writestr("four.XML", with_counter(good, 4) + with_counter(good, 5) + b"<a/>")

    run = run_intake("trail", [path])

    assert counts(run) == (2, 0, 3)
    refused = list(IntakeRefusal.objects.order_by("id").values_list("file", "line", "code"))
    assert refused == [
        ("batch.zip/two/hostile.xml", 1, "doctype"),
        ("batch.zip/../three.xml", 1, "unsafe_name"),
        ("batch.zip/four.XML", 1 + good.count(b"\n"), "not_xml"),
    ]
    assert sorted(row[0] for row in rows("counter")) == [4, 1000]
    assert set(Document.objects.values_list("filename", flat=True)) == {"one.xml", "four.XML"}


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.decode().encode("utf-16"), "not_utf8"),
        (lambda text: text.decode().encode("utf-16-le"), "not_text"),
        (lambda text: text.replace(b'"UTF-8"', b'"ISO-8859-1"'), "not_utf8"),
        (lambda text: text.replace(b'"UTF-8"', b"'UTF-7'"), "not_utf8"),
        (lambda text: text.replace(b"<sr:Body>", b"<!-- caf\xe9 --><sr:Body>"), "not_utf8"),
        (lambda text: text + b"\x00", "not_text"),
        (lambda text: text.replace(b"<sr:Body>", b"\x07<sr:Body>"), "not_xml"),
        (
            lambda text: text.replace(b"<sr:Request ", b'<sr:Request schemaVersion="5.4" '),
            "not_xml",
        ),
        (
            lambda text: text.replace(b"<sr:Comm", b"<sr:RequestID>1</sr:RequestID><sr:Comm"),
            "schema",
        ),
        (lambda text: text.replace(b"<sr:Body>", b"<sr:Body>&amp;&other;"), "not_xml"),
        (
            lambda text: text.replace(b"ServiceUserGateway", b"ServiceUserGateway2"),
            "not_a_request",
        ),
        (lambda text: text.replace(b"<sr:Body>", b'<sr:Body xmlns:sr="urn:x">'), "schema"),
        (
            lambda text: text.replace(b"</sr:Request>", b"<ds:Signature/></sr:Request>"),
            "not_signed",
        ),
        (lambda text: text.replace(b"11.1</sr:S", b"<!---->11.1</sr:S"), "bad_envelope"),
    ],
)
def test_tricks_with_encodings_and_names_are_refused(templates, schemas, change, code):
    good = templates[0].read_bytes()
    assert b">11.1</sr:ServiceReference>" in good
    schema = duis.load_schema(schemas)
    with pytest.raises(Refused) as refused:
        duis.read_document(change(good), schema=schema, filename="x.xml")
    assert refused.value.code == code


@pytest.mark.req("GW-1")
def test_marks_and_line_ends_of_other_systems_are_forgiven(templates, schemas, tmp_path):
    path = tmp_path / "one.xml"
    path.write_bytes(b"\xef\xbb\xbf" + templates[0].read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    run = run_intake("trail", [path])
    assert (counts(run), counts(run_intake("trail", [templates[0]]))) == ((1, 0, 0), (0, 1, 0))


@pytest.mark.req("GW-1", "SSI-NFR-22")
def test_a_date_that_is_none_is_found_by_the_schema(templates, schemas):
    name = "ECS01a_1.1.1_FUTURE_DATED_TOU_BLOCK_SUCCESS_REQUEST_DUIS.XML"
    text = next(path for path in templates if path.name == name).read_text(encoding="utf-8")
    before, found, after = text.partition("<sr:ExecutionDateTime>")
    assert found
    wrong = f"{before}{found}2026-02-30{after[len('2026-02-30') :]}"
    with pytest.raises(Refused) as refused:
        duis.read_document(wrong.encode(), schema=duis.load_schema(schemas), filename="x.xml")
    assert refused.value.code == "schema"
    assert "{http" not in refused.value.message

"""Identifiers are read as people write them and refused with a sentence that helps."""

import csv
import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meterdesk.kernel import identifiers as ids
from meterdesk.kernel.distributors import DISTRIBUTORS, distributor_of
from meterdesk.kernel.identifiers import InvalidIdentifier

digits12 = st.text("0123456789", min_size=12, max_size=12)
signed64 = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.req("SSI-FR-2", "SSI-FR-6")
@pytest.mark.parametrize(
    "text",
    [
        "00-DB-12-34-56-78-90-A0",
        "00db1234567890a0",
        " 00:db:12:34:56:78:90:a0 ",
        "00 DB 12 34 56 78 90 A0",
        "00\u2011DB\u201112\u201134\u201156\u201178\u201190\u2011A0",
    ],
)
def test_a_device_id_is_read_however_it_is_written(text: str) -> None:
    assert ids.parse_eui(text) == "00-DB-12-34-56-78-90-A0"


@given(signed64)
@example(-1)
@example(2**63 - 1)
def test_an_eui_survives_storage_as_a_signed_number(number: int) -> None:
    eui = ids.eui_from_int(number)
    assert re.fullmatch(r"[0-9A-F]{2}(-[0-9A-F]{2}){7}", eui)
    assert ids.eui_to_int(eui) == number
    assert ids.parse_eui(eui.lower().replace("-", "")) == eui


@pytest.mark.parametrize(
    ("text", "says"),
    [("00-DB-12", "this has 6"), ("00-DB-12-34-56-78-90-AG", "the character G")],
)
def test_a_wrong_device_id_is_told_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(InvalidIdentifier, match=says) as refused:
        ids.parse_eui(text)
    assert refused.value.status == 422
    assert refused.value.code == "invalid_identifier"


@pytest.mark.req("SSI-FR-2")
@pytest.mark.parametrize(
    "text",
    [
        "1312345678907",
        "13 1234 5678 907",
        "03 801 001 13 1234 5678 907",
        "S 03 801 A1B 13 1234 5678 907",
    ],
)
def test_an_mpan_is_read_as_core_or_in_full(text: str) -> None:
    assert ids.parse_mpan(text) == "1312345678907"
    assert ids.mpan_distributor_id(text) == "13"
    assert ids.parse_mpxn(text) == ids.Mpxn("mpan", "1312345678907")


@given(digits12, st.integers(0, 9))
def test_only_the_right_check_digit_makes_an_mpan(first12: str, last: int) -> None:
    right = ids.mpan_check_digit(first12)
    assert ids.parse_mpan(f"{first12}{right}") == f"{first12}{right}"
    if last != right:
        with pytest.raises(InvalidIdentifier, match=f"should end in {right}"):
            ids.parse_mpan(f"{first12}{last}")


def test_the_weights_of_the_mpan_check_leave_out_eleven() -> None:
    expected = [3, 5, 7, 2, 6, 8, 1, 7, 9, 4, 8, 0]  # prime modulo 11, and 10 becomes 0
    assert [
        ids.mpan_check_digit("0" * place + "1" + "0" * (11 - place)) for place in range(12)
    ] == expected


@given(st.text("0123456789", min_size=1, max_size=8))
def test_an_mprn_made_with_its_check_passes_it(prefix: str) -> None:
    mprn = ids.mprn_with_check(prefix)
    assert ids.parse_mprn(mprn) == mprn
    assert ids.mprn_check_ok(mprn)
    assert ids.parse_mpxn(mprn) == ids.Mpxn("mprn", mprn)


@pytest.mark.req("SSI-FR-2")
def test_a_wrong_mprn_check_is_warned_of_and_kept() -> None:
    assert ids.mprn_check_ok("3938424403")
    assert not ids.mprn_check_ok("3938424404")
    assert ids.parse_mpxn("3938424404") == ids.Mpxn("mprn", "3938424404", ids.MPRN_WARNING)


@given(st.integers(1, 10**12 - 1), st.integers(0, 12))
def test_a_uprn_loses_padding_zeros(number: int, width: int) -> None:
    assert ids.parse_uprn(f"{number:0{width}}") == str(number)


@pytest.mark.parametrize("text", ["", "0", "000", "1" * 13, "12a", "\u0661\u0662"])
def test_what_is_no_uprn_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        ids.parse_uprn(text)


@pytest.mark.req("SSI-FR-12")
@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("ab10aj", "AB1 0AJ"),
        (" AB10  1aa ", "AB10 1AA"),
        ("e17aa", "E1 7AA"),
        ("EC1A\u00a01BB", "EC1A 1BB"),
    ],
)
def test_a_postcode_is_read_in_any_case_and_spacing(text: str, postcode: str) -> None:
    assert ids.parse_postcode(text) == postcode
    outcode, incode = ids.split_postcode(text)
    assert f"{outcode} {incode}" == postcode
    assert ids.parse_outcode(outcode.lower()) == outcode


@pytest.mark.req("SSI-FR-12")
def test_every_real_postcode_and_outcode_is_read(realdata: Path) -> None:
    folder = realdata / "uk-postcodes"
    with gzip.open(folder / "sample_50000_gb_postcodes.csv.gz", "rt") as file:
        postcodes = [row["postcode"] for row in csv.DictReader(file)]
    assert len(postcodes) == 50_000
    assert [ids.parse_postcode(p.replace(" ", "").lower()) for p in postcodes] == postcodes
    with (folder / "outcodes.csv").open() as file:
        outcodes = [row["outcode"] for row in csv.DictReader(file)]
    assert [ids.parse_outcode(o) for o in outcodes] == outcodes


def test_the_distributors_are_the_real_ones(realdata: Path) -> None:
    with (realdata / "uk-mpan-distributors" / "distributors.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(r["distributor_id"], r["mpas_id"], r["kind"] == "IDNO") for r in rows} == {
        (d.id, d.participant, d.independent) for d in DISTRIBUTORS.values()
    }


def test_a_distributor_is_found_from_an_mpan() -> None:
    found = distributor_of("1312345678907")
    assert found is not None
    assert found.name == "SP Energy Networks, Merseyside and North Wales"
    assert distributor_of("9912345678907") is None


@pytest.mark.parametrize("text", ["inc0000123", "INC 123", "#Inc-0000123", "inc\u00a00123"])
def test_a_reference_is_read_in_any_case_with_zeros_left_out(text: str) -> None:
    assert ids.parse_reference(text) == "INC0000123"


@given(st.sampled_from(sorted(ids.REFERENCE_KINDS)), st.integers(0, 9_999_999))
def test_a_reference_of_every_kind_survives_reading(prefix: str, number: int) -> None:
    reference = ids.format_reference(prefix, number)
    assert len(reference) == 10
    assert ids.parse_reference(reference.lower()) == reference


def test_a_reference_beyond_seven_digits_is_never_made() -> None:
    with pytest.raises(ValueError, match="no reference"):
        ids.format_reference("INC", 10_000_000)


@pytest.mark.req("SSI-FR-6")
@given(signed64, signed64, st.integers(0, 2**64 - 1))
@example(0, -1, 2**64 - 1)
def test_a_request_id_survives_reading(originator: int, target: int, counter: int) -> None:
    request = ids.RequestId(ids.eui_from_int(originator), ids.eui_from_int(target), counter)
    assert ids.parse_request_id(str(request).lower()) == request


@pytest.mark.parametrize("counter", ["", "-1", str(2**64), "1" * 5000])
def test_a_request_id_with_an_impossible_counter_is_refused(counter: str) -> None:
    with pytest.raises(InvalidIdentifier, match="counter"):
        ids.parse_request_id(f"90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:{counter}")


@pytest.mark.req("SSI-FR-6")
def test_every_request_id_of_the_real_documents_is_read(realdata: Path) -> None:
    documents = list((realdata / "duis/templates-5.4").rglob("*.[xX][mM][lL]"))
    assert len(documents) == 297
    for document in documents:
        text = document.read_text(encoding="utf-8", errors="replace")
        for written in re.findall(r"RequestID>\s*([^<\s]+)\s*</", text):
            assert str(ids.parse_request_id(written)) == written.upper()


PARSERS: list[Callable[[str], object]] = [
    ids.parse_eui,
    ids.eui_to_int,
    ids.mpan_check_digit,
    ids.parse_mpan,
    ids.mpan_distributor_id,
    ids.parse_mprn,
    ids.mprn_check_ok,
    ids.mprn_with_check,
    ids.parse_mpxn,
    ids.parse_uprn,
    ids.parse_postcode,
    ids.parse_outcode,
    ids.split_postcode,
    ids.parse_reference,
    ids.parse_request_id,
]


@pytest.mark.req("SSI-NFR-22")
@given(st.text(max_size=30) | st.text("0123456789ABCDEFSINC: -\u0663\u00b2", max_size=30))
@example("\u00df" * 8)
@example("\u0130" * 16)
@example("\u00b2" * 13)
def test_any_other_text_is_refused_in_words(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except InvalidIdentifier as refused:
            assert refused.message.endswith(".")

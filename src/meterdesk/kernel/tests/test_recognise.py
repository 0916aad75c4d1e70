"""The one box knows what a text is, says so when it is unsure, and helps with near misses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meterdesk.kernel import identifiers as ids
from meterdesk.kernel.recognise import Certainty, IdKind, Recognised, recognise

SURE, POSSIBLE, DOUBTFUL = Certainty.SURE, Certainty.POSSIBLE, Certainty.DOUBTFUL


@pytest.mark.req("SSI-FR-2", "SSI-FR-12")
@pytest.mark.parametrize(
    ("text", "kind", "value", "place"),
    [
        ("00-db-12-34-56-78-90-a0", IdKind.DEVICE_ID, "00-DB-12-34-56-78-90-A0", None),
        ("00:DB:12:34:56:78:90:A0", IdKind.DEVICE_ID, "00-DB-12-34-56-78-90-A0", None),
        ("1234567890123456", IdKind.DEVICE_ID, "12-34-56-78-90-12-34-56", None),
        ("Device ID:00DB1234567890A0", IdKind.DEVICE_ID, "00-DB-12-34-56-78-90-A0", None),
        ("device id 00DB1234567890A0", IdKind.DEVICE_ID, "00-DB-12-34-56-78-90-A0", None),
        ("1312345678907", IdKind.MPAN, "1312345678907", None),
        ("03 801 001 13 1234 5678 907", IdKind.MPAN, "1312345678907", None),
        ("MPRN 3938424404", IdKind.MPRN, "3938424404", None),
        ("uprn 000000001234", IdKind.UPRN, "1234", None),
        ("ab1 0aj", IdKind.POSTCODE, "AB1 0AJ", None),
        ("AB1 0 AJ", IdKind.POSTCODE, "AB1 0AJ", None),
        ("12 AB1 0AJ", IdKind.POSTCODE, "AB1 0AJ", "12"),
        ("12\u00a0AB1\u00a00AJ", IdKind.POSTCODE, "AB1 0AJ", "12"),
        ("AB1 0AJ, 12", IdKind.POSTCODE, "AB1 0AJ", "12"),
        ("Rose Cottage AB10AJ", IdKind.POSTCODE, "AB1 0AJ", "Rose Cottage"),
        ("Flat 2, 14 High Street, ec1a 1bb", IdKind.POSTCODE, "EC1A 1BB", "Flat 2 14 High Street"),
        ("Flat A E1 7AA", IdKind.POSTCODE, "E1 7AA", "Flat A"),
        ("ab10", IdKind.OUTCODE, "AB10", None),
        ("EC1A", IdKind.OUTCODE, "EC1A", None),
        ("inc 123", IdKind.REFERENCE, "INC0000123", None),
        ("ORD0000007", IdKind.REFERENCE, "ORD0000007", None),
        (
            "90-B3-D5-1F-30-01-00-00:00-db-12-34-56-78-90-a0:1000",
            IdKind.REQUEST_ID,
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1000",
            None,
        ),
    ],
)
def test_a_text_that_can_be_one_thing_only_is_that(
    text: str, kind: IdKind, value: str, place: str | None
) -> None:
    found = [one for one in recognise(text) if one.can_be_looked_up]
    assert [(one.kind, one.value, one.property_name) for one in found] == [(kind, value, place)]


@pytest.mark.req("SSI-FR-2")
def test_ten_digits_can_be_an_mprn_or_a_uprn() -> None:
    assert recognise("3938424403") == [
        Recognised(IdKind.MPRN, "3938424403", SURE),
        Recognised(IdKind.UPRN, "3938424403", POSSIBLE),
    ]


@pytest.mark.req("SSI-FR-2")
def test_an_mprn_with_a_wrong_check_comes_after_the_uprn_with_a_warning() -> None:
    assert recognise("3938424404") == [
        Recognised(IdKind.UPRN, "3938424404", POSSIBLE),
        Recognised(IdKind.MPRN, "3938424404", DOUBTFUL, note=ids.MPRN_WARNING),
    ]


@pytest.mark.req("SSI-FR-2", "SSI-NFR-22")
@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "1312345678900",
            "This has 13 digits like an MPAN, but its check digit is wrong; it should end in 7.",
        ),
        ("131234567890", "This has 12 digits; an MPAN has 13, or 21 with its top line."),
        (
            "00-DB-12-34-56-78-90-A",
            "This looks like a Device ID, but it has 15 characters; a Device ID has 16.",
        ),
        (
            "AB1 OAJ",
            "This looks like the postcode AB1 0AJ with the letter O for the number 0.",
        ),
    ],
)
def test_a_near_miss_is_explained(text: str, note: str) -> None:
    assert note in [one.note for one in recognise(text) if not one.can_be_looked_up]


@pytest.mark.parametrize("text", ["", "  ", "Mrs Smith", "high street", "INC", "x" * 500])
def test_words_are_nothing(text: str) -> None:
    assert recognise(text) == []


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(-(2**63), 2**63 - 1))
def test_what_is_valid_is_always_recognised(first12: str, number: int) -> None:
    mpan = f"{first12}{ids.mpan_check_digit(first12)}"
    assert recognise(mpan)[0] == Recognised(IdKind.MPAN, mpan, SURE)
    eui = ids.eui_from_int(number)
    assert recognise(eui.lower()) == [Recognised(IdKind.DEVICE_ID, eui, SURE)]
    mprn = ids.mprn_with_check(first12[:8])
    assert recognise(mprn)[0] == Recognised(IdKind.MPRN, mprn, SURE)


@pytest.mark.req("SSI-NFR-22")
@given(st.text(max_size=40) | st.text("0123456789ABCINO -,:\u0130\u017f\u00b2", max_size=40))
@example("12 \u00c5B1 0AJ")
def test_any_text_is_taken_calmly_and_in_order(text: str) -> None:
    found = recognise(text)
    certainties = [one.certainty for one in found]
    assert certainties == sorted(certainties, reverse=True)
    assert len({(one.kind, one.value) for one in found}) == len(found)
    for one in found:
        assert one.note is None or one.note.endswith(".")
        assert one.can_be_looked_up or one.note

"""Good answers are accepted, and whatever is wrong with one is refused for that reason."""

import base64
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from meterdesk.kernel.saml import (
    REASONS,
    SamlRefused,
    answered_request,
    check_response,
    decode_message,
)
from meterdesk.kernel.saml.documents import LARGEST, read_instant, write_instant
from meterdesk.kernel.saml.tests.maker import (
    ACS,
    EXPECTED,
    NOW,
    ROLES,
    SUCCESS,
    A,
    P,
    certificate,
    make_answer,
    sign,
)

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
HOUR = timedelta(hours=1)


def check(answer: bytes, by: str = "provider", expected=EXPECTED, now=NOW):
    return check_response(answer, expected, [certificate(by)], now)


def reason(answer: bytes, **given) -> str:
    with pytest.raises(SamlRefused) as refused:
        check(answer, **given)
    assert refused.value.reason in REASONS
    assert refused.value.code == f"saml_{refused.value.reason}"
    return refused.value.reason


def put(path: str, **attributes):
    """A change that sets attributes (None: removes them) of what the path finds."""

    def change(root: etree._Element) -> None:
        element = root if path == "." else root.find(path)
        for name, value in attributes.items():
            if value is None:
                del element.attrib[name]
            else:
                element.set(name, value)

    return change


def say(path: str, text: str):
    def change(root: etree._Element) -> None:
        root.find(path).text = text

    return change


def drop(path: str):
    def change(root: etree._Element) -> None:
        element = root.find(path)
        element.getparent().remove(element)

    return change


def add(path: str, name: str, **attributes):
    def change(root: etree._Element) -> None:
        etree.SubElement(root if path == "." else root.find(path), name, attributes)

    return change


def again(path: str):
    def change(root: etree._Element) -> None:
        element = root.find(path)
        element.getparent().append(deepcopy(element))

    return change


@pytest.mark.req("SSI-NFR-9", "SSI-NFR-13", "SSI-NFR-16", "SSI-NFR-19")
@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
@pytest.mark.parametrize("by", ["provider", "provider-ec"])
def test_what_is_signed_as_agreed_is_accepted(signed: str, by: str) -> None:
    ends = NOW + HOUR
    found = check(make_answer(signed=signed, by=by, session_ends_at=ends), by)
    assert (found.name_id, found.signed, found.session_ends_at) == ("ann-7f3a", signed, ends)
    assert found.attributes == {name: tuple(values) for name, values in ROLES.items()}
    assert found.certificate == certificate(by).fingerprint
    assert found.usable_until == NOW + timedelta(minutes=5)


def test_the_second_of_two_certificates_counts_too() -> None:
    both = [certificate("new"), certificate("provider")]
    assert check_response(make_answer(), EXPECTED, both, NOW).certificate == both[1].fingerprint


ASSERTION = f"{A}Assertion"
SUBJECT = f"{ASSERTION}/{A}Subject"
DATA = f"{SUBJECT}/{A}SubjectConfirmation/{A}SubjectConfirmationData"
CONDITIONS = f"{ASSERTION}/{A}Conditions"
STATEMENT = f"{ASSERTION}/{A}AuthnStatement"
STALE = write_instant(NOW - timedelta(minutes=2))
LATER = write_instant(NOW + timedelta(minutes=2))

WRONG = {
    "a later version": (put(".", Version="2.1"), "version"),
    "an assertion of SAML 1": (put(ASSERTION, Version="1.1"), "version"),
    "another destination": (put(".", Destination="https://evil.example/acs"), "destination"),
    "an empty destination": (put(".", Destination=""), "destination"),
    "a destination that begins right": (put(".", Destination=f"{ACS}x"), "destination"),
    "no request": (put(".", InResponseTo=None), "unsolicited"),
    "another request": (put(".", InResponseTo="_other"), "in_response_to"),
    "another request confirmed": (put(DATA, InResponseTo="_other"), "in_response_to"),
    "no request confirmed": (put(DATA, InResponseTo=None), "unsolicited"),
    "a refusal": (put(f"{P}Status/{P}StatusCode", Value="urn:x:Responder"), "status"),
    "no status": (drop(f"{P}Status"), "status"),
    "another issuer of the answer": (say(f"{A}Issuer", "https://evil.example"), "issuer"),
    "no issuer of the answer": (drop(f"{A}Issuer"), "issuer"),
    "another issuer": (say(f"{ASSERTION}/{A}Issuer", "https://evil.example"), "issuer"),
    "no issuer": (drop(f"{ASSERTION}/{A}Issuer"), "issuer"),
    "no id": (put(".", ID=""), "id_missing"),
    "no assertion": (drop(ASSERTION), "assertions"),
    "no person": (drop(SUBJECT), "name_id"),
    "no name": (drop(f"{SUBJECT}/{A}NameID"), "name_id"),
    "two names": (again(f"{SUBJECT}/{A}NameID"), "name_id"),
    "an empty name": (say(f"{SUBJECT}/{A}NameID", "  "), "name_id"),
    "a name with parts": (add(f"{SUBJECT}/{A}NameID", "b"), "name_id"),
    "a passing name": (put(f"{SUBJECT}/{A}NameID", Format=TRANSIENT), "name_id_format"),
    "a name of others": (put(f"{SUBJECT}/{A}NameID", NameQualifier="x"), "name_qualifier"),
    "a name elsewhere": (put(f"{SUBJECT}/{A}NameID", SPNameQualifier="x"), "name_qualifier"),
    "not the bearer": (
        put(f"{SUBJECT}/{A}SubjectConfirmation", Method="urn:x:sender-vouches"),
        "confirmation",
    ),
    "no confirmation data": (drop(DATA), "confirmation"),
    "confirmed without end": (put(DATA, NotOnOrAfter=None), "confirmation"),
    "confirmed from then on": (put(DATA, NotBefore=STALE), "confirmation"),
    "another recipient": (put(DATA, Recipient="https://evil.example/acs"), "recipient"),
    "confirmed until then": (put(DATA, NotOnOrAfter=STALE), "expired"),
    "no conditions": (drop(CONDITIONS), "conditions"),
    "two conditions": (again(CONDITIONS), "conditions"),
    "no beginning": (put(CONDITIONS, NotBefore=None), "conditions"),
    "no end": (put(CONDITIONS, NotOnOrAfter=None), "conditions"),
    "not yet": (put(CONDITIONS, NotBefore=LATER), "not_yet_valid"),
    "no longer": (put(CONDITIONS, NotOnOrAfter=STALE), "expired"),
    "a time without zone": (put(CONDITIONS, NotBefore="2026-05-04T09:00:00"), "time"),
    "no such day": (put(CONDITIONS, NotBefore="2026-02-30T09:00:00Z"), "time"),
    "no audience": (drop(f"{CONDITIONS}/{A}AudienceRestriction"), "audience"),
    "another condition": (add(CONDITIONS, f"{A}ProxyRestriction"), "condition_unknown"),
    "an empty second audience": (add(CONDITIONS, f"{A}AudienceRestriction"), "audience"),
    "another audience": (
        say(f"{CONDITIONS}/{A}AudienceRestriction/{A}Audience", "https://other.example"),
        "audience",
    ),
    "no log-in": (drop(STATEMENT), "authentication"),
    "two log-ins": (again(STATEMENT), "authentication"),
    "no time of log-in": (put(STATEMENT, AuthnInstant=None), "authentication"),
    "logged in later": (put(STATEMENT, AuthnInstant=LATER), "authentication_future"),
    "logged in long ago": (
        put(STATEMENT, AuthnInstant=write_instant(NOW - 9 * HOUR)),
        "authentication_old",
    ),
    "session over": (put(STATEMENT, SessionNotOnOrAfter=STALE), "session_over"),
    "password alone": (
        say(f"{STATEMENT}/{A}AuthnContext/{A}AuthnContextClassRef", "urn:x:Password"),
        "context",
    ),
    "an attribute twice": (
        again(f"{ASSERTION}/{A}AttributeStatement/{A}Attribute"),
        "attributes",
    ),
    "encrypted": (add(".", f"{A}EncryptedAssertion"), "encrypted"),
    "an encrypted attribute": (
        add(f"{ASSERTION}/{A}AttributeStatement", f"{A}EncryptedAttribute"),
        "encrypted",
    ),
    "an id twice": (add(".", "x", ID="_assertion1"), "id_twice"),
    "an id twice, otherwise spelt": (add(".", "x", Id="_assertion1"), "id_twice"),
}


@pytest.mark.req("SSI-NFR-13", "SSI-NFR-14", "SSI-NFR-18")
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("signed", ["assertion", "response"])
def test_what_is_wrong_is_refused_for_that_reason(name: str, signed: str) -> None:
    change, expected = WRONG[name]
    assert reason(make_answer(signed=signed, change=change)) == expected


@pytest.mark.req("SSI-NFR-13")
def test_clocks_may_differ_by_the_agreed_skew_and_no_more() -> None:
    answer = make_answer()
    ends = NOW + timedelta(minutes=5)
    assert check(answer, now=ends + timedelta(seconds=59))
    assert reason(answer, now=ends + timedelta(seconds=60)) == "expired"
    starts = NOW - timedelta(minutes=1)
    assert check(make_answer(authenticated_at=starts), now=starts - timedelta(seconds=60))
    assert reason(answer, now=starts - timedelta(seconds=61)) == "not_yet_valid"


def test_one_good_confirmation_among_others_is_enough() -> None:
    def change(root: etree._Element) -> None:
        again(f"{SUBJECT}/{A}SubjectConfirmation")(root)
        put(DATA, Recipient="https://elsewhere.example/")(root)

    assert check(make_answer(change=change)).name_id == "ann-7f3a"


def test_every_audience_restriction_must_name_us() -> None:
    def change(root: etree._Element) -> None:
        again(f"{CONDITIONS}/{A}AudienceRestriction")(root)
        say(f"{CONDITIONS}/{A}AudienceRestriction/{A}Audience", "https://other.example")(root)

    assert reason(make_answer(change=change)) == "audience"


def test_the_provider_s_refusal_is_kept_for_the_desk() -> None:
    def change(root: etree._Element) -> None:
        put(f"{P}Status/{P}StatusCode", Value="urn:oasis:names:tc:SAML:2.0:status:Responder")(root)
        etree.SubElement(root.find(f"{P}Status"), f"{P}StatusMessage").text = "No second factor"

    with pytest.raises(SamlRefused) as refused:
        check(make_answer(change=change))
    assert "No second factor" in refused.value.facts
    assert "No second factor" not in refused.value.message


NOT_MESSAGES = {
    b"": "not_xml",
    b"no xml": "not_xml",
    b"<a/><b/>": "not_xml",
    b"\xff\xfe<\x00a\x00/\x00>\x00": "not_xml",
    b'<?xml version="1.0" encoding="utf-16"?><a/>': "not_xml",
    b'<?xml version="1.0" encoding="iso-8859-1"?><a/>': "not_xml",
    b"<a>&unknown;</a>": "not_xml",
    b"<!DOCTYPE a><a/>": "document_type",
    b'<!doctype a [<!entity x "y">]><a>&x;</a>': "document_type",
    b"<a/>": "not_a_response",
    b"<a><!-- c --></a>": "comment",
    b"<?go there?><a/>": "comment",
    b"<a/><!-- after -->": "comment",
    b"<a>" + b" " * LARGEST + b"</a>": "too_large",
    b"<a>" * 300 + b"</a>" * 300: "not_xml",
}


@pytest.mark.parametrize(("document", "expected"), NOT_MESSAGES.items())
def test_what_is_no_message_is_refused_before_anything_is_read(document, expected) -> None:
    assert reason(document) == expected


def test_messages_about_logging_out_are_refused_as_such() -> None:
    for name in ("LogoutRequest", "LogoutResponse"):
        assert reason(etree.tostring(etree.Element(f"{P}{name}", Version="2.0"))) == "logout"


@given(st.binary(max_size=400))
def test_no_bytes_get_anything_but_a_refusal(document: bytes) -> None:
    for hostile in (document, base64.b64encode(document), b"<a>" + document + b"</a>"):
        with pytest.raises(SamlRefused):
            check_response(hostile, EXPECTED, [certificate()], NOW)


@given(st.text(max_size=200))
def test_a_form_field_is_decoded_or_refused(field: str) -> None:
    try:
        decoded = decode_message(field)
    except SamlRefused:
        return
    assert base64.b64encode(decoded).decode() == "".join(field.split())


@given(st.integers(min_value=0, max_value=3600 * 24 * 365 * 60))
def test_instants_are_read_as_written(seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    assert read_instant(write_instant(moment)) == moment
    east = (moment + 2 * HOUR).strftime("%Y-%m-%dT%H:%M:%S.123456789+02:00")
    assert read_instant(east) - moment == timedelta(microseconds=123456)


def test_which_request_is_answered_is_read_without_belief() -> None:
    assert answered_request(make_answer(signed="none")) == "_request1"
    with pytest.raises(SamlRefused, match="begun here"):
        answered_request(make_answer(change=put(".", InResponseTo=None)))
    with pytest.raises(SamlRefused, match="did not log the person in"):
        failed = put(f"{P}Status/{P}StatusCode", Value="urn:x")
        answered_request(make_answer(change=lambda r: (failed(r), r.attrib.pop("InResponseTo"))))


def test_success_with_a_second_status_is_no_success() -> None:
    change = add(f"{P}Status", f"{P}StatusCode", Value=SUCCESS)
    assert reason(make_answer(change=change)) == "status"


def test_an_answer_signed_as_a_whole_must_say_where_it_goes() -> None:
    without = put(".", Destination=None)
    assert reason(make_answer(signed="response", change=without)) == "destination"
    assert check(make_answer(signed="assertion", change=without))


def test_both_signatures_must_hold_where_both_are_there() -> None:
    def change(root: etree._Element) -> None:
        sign(root.find(ASSERTION), "attacker")

    assert reason(make_answer(signed="response", change=change)) == "signature_wrong"

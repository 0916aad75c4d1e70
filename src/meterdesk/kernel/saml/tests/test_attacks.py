"""Attacks on the signature: wrapping in all its forms, foreign keys, weak algorithms, bombs."""

import base64
import hmac
from copy import deepcopy
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLSigner

from meterdesk.kernel.saml import SamlRefused, check_response
from meterdesk.kernel.saml.documents import SIGNATURE
from meterdesk.kernel.saml.tests.maker import (
    EXPECTED,
    NOW,
    A,
    P,
    certificate,
    key,
    make_answer,
    make_response,
    sign,
)

pytestmark = pytest.mark.req("SSI-NFR-9", "SSI-NFR-13")

D = f"{{{SIGNATURE}}}"
ASSERTION = f"{A}Assertion"


def check(document: bytes, by: str = "provider"):
    return check_response(document, EXPECTED, [certificate(by)], NOW)


def reason(document: bytes, by: str = "provider") -> str:
    with pytest.raises(SamlRefused) as refused:
        check(document, by)
    return refused.value.reason


def forged(part: etree._Element, new_id: bool = True) -> etree._Element:
    """A copy without signatures that names the administrator."""
    copy = deepcopy(part)
    for signature in list(copy.iter(f"{D}Signature")):
        signature.getparent().remove(signature)
    for name in copy.iter(f"{A}NameID"):
        name.text = "admin"
    if new_id:
        for number, holder in enumerate((copy, *copy.iterfind(".//*[@ID]"))):
            holder.set("ID", f"_forged{number}")
    return copy


def bare(part: etree._Element) -> etree._Element:
    """A copy of a signed part without its signature, as it was signed."""
    copy = deepcopy(part)
    copy.remove(copy.find(f"{D}Signature"))
    return copy


def xsw1(root):
    """Forged Response around, the signed one inside the signature."""
    outer = forged(root)
    signature = deepcopy(root.find(f"{D}Signature"))
    signature.append(bare(root))
    outer.insert(1, signature)
    return outer


def xsw2(root):
    """Forged Response around, the signed one detached before the signature."""
    outer = forged(root)
    outer.insert(1, bare(root))
    outer.insert(2, deepcopy(root.find(f"{D}Signature")))
    return outer


def xsw3(root):
    """Forged assertion before the signed one."""
    assertion = root.find(ASSERTION)
    root.insert(list(root).index(assertion), forged(assertion))
    return root


def xsw4(root):
    """Signed assertion inside the forged one."""
    assertion = root.find(ASSERTION)
    evil = forged(assertion)
    root.replace(assertion, evil)
    evil.append(assertion)
    return root


def xsw5(root):
    """Signed assertion changed, its original at the end."""
    assertion = root.find(ASSERTION)
    original = bare(assertion)
    for name in assertion.iter(f"{A}NameID"):
        name.text = "admin"
    assertion.set("ID", "_forged")
    root.append(original)
    return root


def xsw6(root):
    """As the fifth, the original inside the signature."""
    assertion = root.find(ASSERTION)
    original = bare(assertion)
    for name in assertion.iter(f"{A}NameID"):
        name.text = "admin"
    assertion.set("ID", "_forged")
    assertion.find(f"{D}Signature").append(original)
    return root


def xsw7(root):
    """Forged assertion in an Extensions element before the signed one."""
    assertion = root.find(ASSERTION)
    extensions = etree.Element(f"{P}Extensions")
    extensions.append(forged(assertion))
    root.insert(list(root).index(assertion), extensions)
    return root


def xsw8(root):
    """Forged assertion with the signature, the original in an Object of it."""
    assertion = root.find(ASSERTION)
    evil = forged(assertion)
    signature = deepcopy(assertion.find(f"{D}Signature"))
    etree.SubElement(signature, f"{D}Object").append(bare(assertion))
    evil.insert(1, signature)
    root.replace(assertion, evil)
    return root


def same_id(root):
    """Forged assertion under the ID of the signed one, before it."""
    assertion = root.find(ASSERTION)
    root.insert(list(root).index(assertion), forged(assertion, new_id=False))
    return root


def in_an_attribute(root):
    """Signed assertion inside an attribute value of the forged one."""
    assertion = root.find(ASSERTION)
    evil = forged(assertion)
    evil.find(f".//{A}AttributeValue").append(deepcopy(assertion))
    root.replace(assertion, evil)
    return root


def in_advice(root):
    """Signed assertion in the Advice of the forged one."""
    assertion = root.find(ASSERTION)
    evil = forged(assertion)
    etree.SubElement(evil, f"{A}Advice").append(deepcopy(assertion))
    root.replace(assertion, evil)
    return root


def moved_signature(root):
    """Signature of the assertion taken up to the Response, the assertion forged."""
    assertion = root.find(ASSERTION)
    signature = assertion.find(f"{D}Signature")
    assertion.remove(signature)
    for name in assertion.iter(f"{A}NameID"):
        name.text = "admin"
    root.insert(1, signature)
    return root


def whole_document_reference(root):
    """A reference to nothing in particular."""
    root.find(f".//{D}Reference").set("URI", "")
    return root


def no_reference(root):
    """A reference without address."""
    del root.find(f".//{D}Reference").attrib["URI"]
    return root


def xpointer(root):
    root.find(f".//{D}Reference").set("URI", "#xpointer(id('_assertion1'))")
    return root


def second_reference(root):
    info = root.find(f".//{D}SignedInfo")
    info.append(deepcopy(info.find(f"{D}Reference")))
    return root


def second_signature(root):
    assertion = root.find(ASSERTION)
    assertion.append(deepcopy(assertion.find(f"{D}Signature")))
    return root


def stray_signature(root):
    stray = deepcopy(root.find(f".//{D}Signature"))
    root.find(f"{ASSERTION}/{A}Subject").append(stray)
    return root


def with_transform(algorithm: str):
    def change(root):
        transforms = root.find(f".//{D}Transforms")
        etree.SubElement(transforms, f"{D}Transform", Algorithm=algorithm)
        return root

    return change


def without_transforms(root):
    transforms = root.find(f".//{D}Transforms")
    transforms.getparent().remove(transforms)
    return root


def with_comments(root):
    method = root.find(f".//{D}CanonicalizationMethod")
    method.set("Algorithm", f"{method.get('Algorithm')}#WithComments")
    return root


OF_RESPONSE = {"xsw1": (xsw1, "assertions"), "xsw2": (xsw2, "assertions")}
OF_ASSERTION = {
    "xsw3": (xsw3, "assertions"),
    "xsw4": (xsw4, "assertions"),
    "xsw5": (xsw5, "assertions"),
    "xsw6": (xsw6, "assertions"),
    "xsw7": (xsw7, "assertions"),
    "xsw8": (xsw8, "assertions"),
    "same id": (same_id, "id_twice"),
    "in an attribute": (in_an_attribute, "assertions"),
    "in advice": (in_advice, "assertions"),
    "moved signature": (moved_signature, "signature_reference"),
    "reference to the whole": (whole_document_reference, "signature_reference"),
    "no reference": (no_reference, "signature_reference"),
    "xpointer": (xpointer, "signature_reference"),
    "two references": (second_reference, "signature_form"),
    "two signatures": (second_signature, "signature_misplaced"),
    "stray signature": (stray_signature, "signature_misplaced"),
    "xslt": (with_transform("http://www.w3.org/TR/1999/REC-xslt-19991116"), "signature_form"),
    "xpath": (with_transform("http://www.w3.org/TR/1999/REC-xpath-19991116"), "signature_form"),
    "base64": (with_transform(f"{SIGNATURE}base64"), "signature_form"),
    "no transforms": (without_transforms, "signature_form"),
    "comments count": (with_comments, "signature_form"),
}


@pytest.mark.parametrize("name", [*OF_RESPONSE, *OF_ASSERTION])
def test_no_wrapping_is_believed(name: str) -> None:
    attack, expected = {**OF_RESPONSE, **OF_ASSERTION}[name]
    signed = "response" if name in OF_RESPONSE else "assertion"
    root = etree.fromstring(make_answer(signed=signed))
    assert reason(etree.tostring(attack(root))) == expected


def test_a_signed_response_s_assertion_cannot_be_exchanged() -> None:
    root = etree.fromstring(make_answer(signed="response"))
    assertion = root.find(ASSERTION)
    root.replace(assertion, forged(assertion, new_id=False))
    assert reason(etree.tostring(root)) == "signature_wrong"


@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
@pytest.mark.parametrize("path", [f".//{A}NameID", f".//{A}AttributeValue", f".//{A}Audience"])
def test_nothing_signed_can_be_altered(signed: str, path: str) -> None:
    def after(root):
        root.find(path).text += "x"

    assert reason(make_answer(signed=signed, after=after)) == "signature_wrong"


@given(st.data())
def test_no_single_byte_of_what_was_signed_can_be_altered(data: st.DataObject) -> None:
    answer = make_answer()
    start, end = answer.index(b"<saml:Subject>"), answer.index(b"</saml:Assertion>")
    place = data.draw(st.integers(start, end - 1))
    byte = data.draw(st.integers(32, 126).filter(lambda one: one != answer[place]))
    altered = answer[:place] + bytes([byte]) + answer[place + 1 :]
    try:
        found = check(altered)
    except SamlRefused:
        return
    # What canonicalisation makes equal (one quotation mark or blank for another) reads the same.
    assert found == check(answer)


def test_unsigned_and_a_signature_of_nothing_are_refused() -> None:
    assert reason(make_answer(signed="none")) == "not_signed"

    def empty(root):
        etree.SubElement(root.find(ASSERTION), f"{D}Signature")

    assert reason(make_answer(signed="none", after=empty)) == "signature_form"


def test_an_attacker_s_key_in_key_info_counts_for_nothing() -> None:
    assert reason(make_answer(by="attacker")) == "signature_wrong"

    def say_it_is_the_provider_s(root):
        text = "".join(certificate("provider").pem.split("\n")[1:-2])
        root.find(f".//{D}X509Certificate").text = text

    answer = make_answer(by="attacker", after=say_it_is_the_provider_s)
    assert reason(answer) == "signature_wrong"


def test_key_info_may_be_absent_or_wrong_when_the_pinned_key_signed() -> None:
    def remove(root):
        info = root.find(f".//{D}KeyInfo")
        info.getparent().remove(info)

    assert check(make_answer(after=remove)).name_id == "ann-7f3a"


def test_a_signature_with_the_public_key_as_secret_is_no_signature() -> None:
    root = make_response()
    assertion = sign(root.find(ASSERTION))
    method = assertion.find(f".//{D}SignatureMethod")
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    for secret in (
        certificate().pem.encode(),
        key("provider").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        key("provider").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        info = etree.tostring(assertion.find(f".//{D}SignedInfo"), method="c14n", exclusive=True)
        value = base64.b64encode(hmac.digest(secret, info, "sha256")).decode()
        assertion.find(f".//{D}SignatureValue").text = value
        assert reason(etree.tostring(root)) == "algorithm"


class OldSigner(XMLSigner):
    """Signs with what nobody should sign with any more."""

    def check_deprecated_methods(self) -> None:
        """Let it."""


@pytest.mark.parametrize(
    ("method", "digest", "expected"),
    [
        ("rsa-sha1", "sha256", "sha1"),
        ("rsa-sha256", "sha1", "sha1"),
        ("rsa-sha224", "sha256", "algorithm"),
        ("rsa-sha256", "sha224", "algorithm"),
        ("rsa-sha256", "sha3-256", "algorithm"),
    ],
)
def test_weak_and_unusual_algorithms_are_refused(monkeypatch, method, digest, expected) -> None:
    monkeypatch.setattr("meterdesk.kernel.saml.tests.maker.XMLSigner", OldSigner)
    root = make_response()
    sign(root.find(ASSERTION), method=method, digest=digest)
    assert reason(etree.tostring(root)) == expected


def test_an_algorithm_of_another_kind_of_key_is_refused() -> None:
    def after(root):
        method = root.find(f".//{D}SignatureMethod")
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")

    assert reason(make_answer(after=after)) == "signature_wrong"


def test_weak_keys_and_certificates_out_of_date_are_refused() -> None:
    assert reason(make_answer(by="weak"), "weak") == "certificate_weak"
    old = certificate("provider", NOW - timedelta(days=400), 365)
    early = certificate("provider", NOW + timedelta(days=1), 365)
    with pytest.raises(SamlRefused) as refused:
        check_response(make_answer(), EXPECTED, [old, early], NOW)
    assert refused.value.reason == "certificate_expired"
    with pytest.raises(SamlRefused):
        check_response(make_answer(), EXPECTED, [], NOW)


def test_a_comment_in_a_name_is_refused_and_text_around_it_is_never_cut() -> None:
    answer = make_answer(name_id="admin@alder.example.evil.example")
    cut = answer.replace(b".evil", b"<!-- -->.evil")
    assert reason(cut) == "comment"
    split = answer.replace(b".evil", b"<![CDATA[.evil]]>")
    assert check(split).name_id == "admin@alder.example.evil.example"


def test_a_signature_cannot_be_used_for_the_other_kind_of_part() -> None:
    root = etree.fromstring(make_answer(signed="response"))
    signature = root.find(f"{D}Signature")
    root.remove(signature)
    root.find(ASSERTION).insert(1, signature)
    assert reason(etree.tostring(root)) == "signature_reference"

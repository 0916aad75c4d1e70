"""Enveloped XML signatures: the one form that is agreed, and what exactly was signed.

The form is checked before any mathematics: one reference, to the ID of the very element that the
signature stands in; the enveloped-signature transform and exclusive canonicalisation, nothing
else; agreed algorithms. The key is a pinned certificate's: what KeyInfo says counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from meterdesk.kernel.saml.certificates import Certificate
from meterdesk.kernel.saml.documents import SIGNATURE, children
from meterdesk.kernel.saml.refusals import SamlRefused

ENVELOPED: Final = f"{SIGNATURE}enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """Which signatures count. STRICT is the policy; tests of foreign vectors use weaker ones.

    Attributes:
        methods, digests: agreed algorithms.
        any_certificate: whether weak keys and certificates out of date are let pass.
        advice: whether an assertion may carry others in its Advice (which are never read).
    """

    methods: frozenset[SignatureMethod] = frozenset(
        {
            SignatureMethod.RSA_SHA256,
            SignatureMethod.RSA_SHA384,
            SignatureMethod.RSA_SHA512,
            SignatureMethod.ECDSA_SHA256,
            SignatureMethod.ECDSA_SHA384,
            SignatureMethod.ECDSA_SHA512,
        }
    )
    digests: frozenset[DigestAlgorithm] = frozenset(
        {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}
    )
    any_certificate: bool = False
    advice: bool = False


STRICT: Final = SignaturePolicy()
"""SHA-256 or better with RSA of 2048 bits or ECDSA of 256 (SSI-NFR-9)."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, parsed anew from its canonical form, and by which certificate."""

    element: etree._Element
    certificate: Certificate


def signature_of(owner: etree._Element) -> etree._Element | None:
    """The one signature among the children of an element. Raises SamlRefused for several."""
    found = children(owner, SIGNATURE, "Signature")
    if len(found) > 1:
        raise SamlRefused("signature_misplaced", f"{len(found)} signatures in one element")
    return found[0] if found else None


def verify(
    owner: etree._Element,
    certificates: Sequence[Certificate],
    now: datetime,
    policy: SignaturePolicy = STRICT,
) -> Signed:
    """Verify the signature in an element over that element. Raises SamlRefused."""
    signature = signature_of(owner)
    if signature is None:
        raise SamlRefused("not_signed")
    _check_form(signature, owner, policy)
    usable = _usable(certificates, now, policy)
    document = etree.tostring(owner, with_tail=False)
    for certificate in usable:
        element = _verified(document, certificate, policy)
        if element is not None:
            if element.tag != owner.tag or element.get("ID") != owner.get("ID"):
                raise SamlRefused("signature_reference")
            return Signed(element, certificate)
    raise SamlRefused("signature_wrong", f"tried {', '.join(c.fingerprint for c in usable)}")


def _usable(
    certificates: Sequence[Certificate], now: datetime, policy: SignaturePolicy
) -> list[Certificate]:
    if policy.any_certificate:
        return list(certificates)
    strong = [one for one in certificates if one.is_strong]
    if certificates and not strong:
        raise SamlRefused("certificate_weak", ", ".join(one.key for one in certificates))
    valid = [one for one in strong if one.is_valid_at(now)]
    if not valid:
        periods = (f"{one.not_before:%Y-%m-%d} to {one.not_after:%Y-%m-%d}" for one in strong)
        raise SamlRefused("certificate_expired", ", ".join(periods))
    return valid


def _verified(
    document: bytes, certificate: Certificate, policy: SignaturePolicy
) -> etree._Element | None:
    configuration = SignatureConfiguration(
        location="./",
        signature_methods=policy.methods,
        digest_algorithms=policy.digests,
        # Whether it is valid now was asked before, with a message of ours.
        verification_time=certificate.not_before,
    )
    try:
        result = XMLVerifier().verify(
            document,
            x509_cert=certificate.x509,
            expect_config=configuration,
            id_attribute="ID",
        )
    except (SignXMLException, UnsupportedAlgorithm, ValueError, TypeError, etree.LxmlError):
        return None
    if isinstance(result, list):
        return None
    return result.signed_xml


def _check_form(signature: etree._Element, owner: etree._Element, policy: SignaturePolicy) -> None:
    info = _only(signature, "SignedInfo")
    _only(signature, "SignatureValue")
    allowed = {f"{{{SIGNATURE}}}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")}
    if any(child.tag not in allowed for child in signature):
        raise SamlRefused("signature_form", "more in it than SignedInfo, SignatureValue, KeyInfo")
    if _only(info, "CanonicalizationMethod").get("Algorithm") != EXCLUSIVE:
        raise SamlRefused("signature_form", "not exclusive canonicalisation")
    _check_algorithm(_only(info, "SignatureMethod"), {one.value for one in policy.methods})
    reference = _only(info, "Reference")
    if reference.get("URI") != f"#{owner.get('ID')}":
        raise SamlRefused("signature_reference", str(reference.get("URI"))[:100])
    _check_transforms(_only(reference, "Transforms"))
    _check_algorithm(_only(reference, "DigestMethod"), {one.value for one in policy.digests})


def _check_algorithm(element: etree._Element, agreed: set[str]) -> None:
    algorithm = str(element.get("Algorithm"))
    if algorithm not in agreed:
        old = algorithm.endswith("sha1") and "hmac" not in algorithm
        raise SamlRefused("sha1" if old else "algorithm", algorithm[:100])
    if len(element):
        raise SamlRefused("signature_form", "parameters of an algorithm")


def _check_transforms(transforms: etree._Element) -> None:
    found = [str(transform.get("Algorithm")) for transform in transforms]
    if found != [ENVELOPED, EXCLUSIVE]:
        raise SamlRefused("signature_form", f"transforms {', '.join(found)}"[:300])


def _only(element: etree._Element, name: str) -> etree._Element:
    found = children(element, SIGNATURE, name)
    if len(found) != 1:
        raise SamlRefused("signature_form", f"{len(found)} of {name}")
    return found[0]

"""An answer of an identity provider, from bytes to a checked Assertion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from meterdesk.kernel.saml.assertions import Assertion, Checks, Expectations, attributes_of
from meterdesk.kernel.saml.certificates import Certificate
from meterdesk.kernel.saml.documents import (
    ASSERTION,
    ENCRYPTION,
    PROTOCOL,
    SIGNATURE,
    children,
    parse,
    refuse_repeated_identifiers,
    text_of,
)
from meterdesk.kernel.saml.refusals import SamlRefused
from meterdesk.kernel.saml.signatures import STRICT, SignaturePolicy, Signed, signature_of, verify

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_ASSERTION = f"{{{ASSERTION}}}Assertion"
_ADVICE = f"{{{ASSERTION}}}Advice"
_LOGOUT = frozenset({f"{{{PROTOCOL}}}LogoutRequest", f"{{{PROTOCOL}}}LogoutResponse"})
_ENCRYPTED = frozenset(
    {f"{{{ASSERTION}}}Encrypted{name}" for name in ("Assertion", "ID", "Attribute")}
    | {f"{{{ENCRYPTION}}}Encrypted{name}" for name in ("Data", "Key")}
)


def answered_request(document: bytes) -> str:
    """The ID of the request that an answer says it belongs to, believing nothing else of it.

    Raises SamlRefused: when it is no Response, and `unsolicited` when it names no request.
    """
    root = _response(document)
    found = root.get("InResponseTo")
    if not found:
        _refuse_other_status(root)
        raise SamlRefused("unsolicited")
    return str(found)


def check_response(
    document: bytes,
    expected: Expectations,
    certificates: Sequence[Certificate],
    now: datetime,
    policy: SignaturePolicy = STRICT,
) -> Assertion:
    """Check an answer wholly: form, signature, addressee, times, person (SSI-NFR-9 to 19).

    The assertion must be signed, or the Response as a whole; a signature that is there must hold.
    Nothing is read from what was not signed, except to refuse. Raises SamlRefused.
    """
    root = _response(document)
    parts = signed_parts(root, certificates, now, policy)
    response, assertion = parts.response, parts.assertion
    checks = Checks(expected, now)
    _check_destination(response, expected, signed=parts.signed != "assertion")
    checks.issuer(response)
    checks.in_response_to(response)
    if assertion.get("Version") != "2.0":
        raise SamlRefused("version", str(assertion.get("Version"))[:20])
    checks.issuer(assertion)
    name_id, name_id_format = checks.name_id(assertion)
    not_before, not_on_or_after = checks.conditions(assertion)
    confirmed_until = checks.confirmation(assertion)
    statement = checks.statement(assertion)
    return Assertion(
        id=str(assertion.get("ID")),
        response_id=str(response.get("ID")),
        issuer=expected.issuer,
        name_id=name_id,
        name_id_format=name_id_format,
        context=statement.context,
        authenticated_at=statement.authenticated_at,
        session_ends_at=statement.session_ends_at,
        session_index=statement.session_index,
        not_before=not_before,
        not_on_or_after=not_on_or_after,
        usable_until=max(not_on_or_after, confirmed_until),
        signed=parts.signed,
        certificate=parts.certificate.fingerprint,
        attributes=attributes_of(assertion),
    )


@dataclass(frozen=True, slots=True)
class SignedParts:
    """The parts of an answer as far as they may be believed.

    Attributes:
        response: the Response; its signed form if it was signed.
        assertion: its one assertion, always in signed form.
        signed: "assertion", "response" or "both".
    """

    response: etree._Element
    assertion: etree._Element
    certificate: Certificate
    signed: str


def signed_parts(
    root: etree._Element,
    certificates: Sequence[Certificate],
    now: datetime,
    policy: SignaturePolicy = STRICT,
) -> SignedParts:
    """Verify every signature of an answer; what it says is not checked yet. Raises SamlRefused."""
    _refuse_other_status(root)
    _refuse_encrypted(root)
    refuse_repeated_identifiers(root)
    assertion = _only_assertion(root, policy)
    for part in (root, assertion):
        if not part.get("ID"):
            raise SamlRefused("id_missing")
    _refuse_stray_signatures(root, assertion, policy)
    of_response, of_assertion = signature_of(root), signature_of(assertion)
    if of_response is None and of_assertion is None:
        raise SamlRefused("not_signed")
    whole: Signed | None = None
    if of_response is not None:
        whole = verify(root, certificates, now, policy)
        assertion = _only_assertion(whole.element, policy)
    if of_assertion is None and whole is not None:
        return SignedParts(whole.element, assertion, whole.certificate, "response")
    proved = verify(assertion, certificates, now, policy)
    if whole is None:
        return SignedParts(root, proved.element, proved.certificate, "assertion")
    return SignedParts(whole.element, proved.element, proved.certificate, "both")


def _response(document: bytes) -> etree._Element:
    root = parse(document)
    if root.tag in _LOGOUT:
        raise SamlRefused("logout")
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise SamlRefused("not_a_response", str(root.tag)[:200])
    if root.get("Version") != "2.0":
        raise SamlRefused("version", str(root.get("Version"))[:20])
    return root


def _refuse_other_status(root: etree._Element) -> None:
    statuses = children(root, PROTOCOL, "Status")
    codes = [code for one in statuses for code in children(one, PROTOCOL, "StatusCode")]
    values = [str(code.get("Value")) for code in codes]
    if values != [SUCCESS]:
        inner = [str(one.get("Value")) for code in codes for one in code]
        said = [text_of(one) for status in statuses for one in list(status)[1:]]
        raise SamlRefused("status", "; ".join([*values, *inner, *said]) or "no status")


def _refuse_encrypted(root: etree._Element) -> None:
    for element in root.iter():
        if element.tag in _ENCRYPTED:
            raise SamlRefused("encrypted", etree.QName(element).localname)


def _only_assertion(root: etree._Element, policy: SignaturePolicy) -> etree._Element:
    found = [one for one in root.iter(_ASSERTION) if not _passed_over(one, policy)]
    if len(found) != 1 or found[0].getparent() is not root:
        raise SamlRefused("assertions", f"{len(list(root.iter(_ASSERTION)))} in the answer")
    return found[0]


def _refuse_stray_signatures(
    root: etree._Element, assertion: etree._Element, policy: SignaturePolicy
) -> None:
    for signature in root.iter(f"{{{SIGNATURE}}}Signature"):
        stray = signature.getparent() not in (root, assertion)
        if stray and not _passed_over(signature, policy):
            raise SamlRefused("signature_misplaced")


def _passed_over(element: etree._Element, policy: SignaturePolicy) -> bool:
    return policy.advice and next(element.iterancestors(_ADVICE), None) is not None


def _check_destination(response: etree._Element, expected: Expectations, *, signed: bool) -> None:
    found = response.get("Destination")
    if (found is None and signed) or found not in {None, expected.acs_url}:
        raise SamlRefused("destination", f"{found!r}, not {expected.acs_url!r}")

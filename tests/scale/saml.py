"""Answers of an identity provider, and the whole check of one."""

from meterdesk.kernel.saml import check_response
from meterdesk.kernel.saml.tests.maker import EXPECTED, NOW, certificate, make_answer


def saml_answers(number: int) -> list[bytes]:
    """Answers signed twice, assertion and Response: the dearest kind."""
    return [make_answer(signed="both", assertion_id=f"_a{n}") for n in range(number)]


def check_answer(document: bytes) -> str:
    """Check one from its bytes on; the certificate is read as at a log-in."""
    pinned = certificate("provider")
    return check_response(document, EXPECTED, [pinned], NOW).name_id

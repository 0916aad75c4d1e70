"""Why a SAML message is refused: a stable code, what happened, and what the person can do."""

from collections.abc import Mapping
from dataclasses import dataclass

from meterdesk.kernel.errors import Refused

_AGAIN = "Log in again."
_PROVIDER = (
    "Your organisation's identity provider has to be set up differently: give this to those who "
    "look after it."
)
_SERVICE = "Go back to the service and begin there again; if it happens again, tell its keepers."
_SAFETY = (
    "Log in again. If it happens a second time, tell the service desk: the answer may have been "
    "altered on its way."
)
_CLOCK = (
    "Log in again. If it happens a second time, those who look after your identity provider "
    "should compare its clock."
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words: what happened, and what the person in front of it does next."""

    happened: str
    remedy: str


REASONS: Mapping[str, Reason] = {
    # the message as such
    "too_large": Reason("The answer was larger than any log-in needs.", _PROVIDER),
    "not_base64": Reason("The answer could not be decoded.", _AGAIN),
    "not_xml": Reason("The answer was not well-formed XML in UTF-8.", _PROVIDER),
    "document_type": Reason("The answer declared a document type or entities.", _SAFETY),
    "comment": Reason("The answer held a comment or a processing instruction.", _SAFETY),
    "not_a_response": Reason("The message was not an answer to a log-in.", _AGAIN),
    "logout": Reason(
        "The message was about logging out, which is not done by SAML here.",
        "Log out in Meterdesk itself.",
    ),
    "version": Reason("The answer was not of SAML 2.0.", _PROVIDER),
    "status": Reason(
        "The identity provider did not log the person in.",
        "Log in again; if it refuses again, ask those who look after it.",
    ),
    "encrypted": Reason("The answer was encrypted, which is not agreed.", _PROVIDER),
    "id_missing": Reason("The answer or its assertion had no ID.", _PROVIDER),
    "id_twice": Reason("Two parts of the answer had the same ID.", _SAFETY),
    "assertions": Reason("The answer did not hold exactly one assertion.", _SAFETY),
    # signatures
    "not_signed": Reason("Neither the assertion nor the answer was signed.", _PROVIDER),
    "signature_misplaced": Reason("A signature stood where none belongs.", _SAFETY),
    "signature_form": Reason("A signature was not of the agreed form.", _SAFETY),
    "signature_reference": Reason("A signature did not cover the part it stood in.", _SAFETY),
    "sha1": Reason("The answer was signed with SHA-1, which is no longer safe.", _PROVIDER),
    "algorithm": Reason("The answer was signed with an algorithm that is not agreed.", _PROVIDER),
    "certificate_expired": Reason(
        "The certificate of the identity provider is not valid today.",
        "Your administrator has to enrol its new certificate.",
    ),
    "certificate_weak": Reason("The key of the identity provider is too weak.", _PROVIDER),
    "signature_wrong": Reason(
        "The signature was not made by the identity provider as it is enrolled.",
        "If its certificate was changed, your administrator has to enrol the new one. "
        "Otherwise tell the service desk.",
    ),
    # the answer and its assertion
    "destination": Reason("The answer was meant for another address.", _PROVIDER),
    "issuer": Reason("The answer came from another identity provider.", _PROVIDER),
    "unsolicited": Reason(
        "The answer belonged to no log-in that was begun here.",
        "Begin at your organisation's log-in address in Meterdesk, not at the identity provider.",
    ),
    "in_response_to": Reason("The answer belonged to another log-in.", _AGAIN),
    "name_id": Reason("The assertion did not name one person.", _PROVIDER),
    "name_id_format": Reason(
        "The assertion named the person by a name that is not persistent.", _PROVIDER
    ),
    "name_qualifier": Reason("The person's name belonged to another provider.", _PROVIDER),
    "confirmation": Reason("The assertion had no bearer confirmation for Meterdesk.", _PROVIDER),
    "recipient": Reason("The assertion was meant for another address.", _PROVIDER),
    "conditions": Reason("The assertion did not state when it is valid.", _PROVIDER),
    "condition_unknown": Reason("The assertion set a condition that is not agreed.", _PROVIDER),
    "not_yet_valid": Reason("The assertion is not valid yet.", _CLOCK),
    "expired": Reason("The assertion is no longer valid.", _CLOCK),
    "audience": Reason("The assertion was made for another service.", _PROVIDER),
    "authentication": Reason("The assertion did not say how and when the log-in was.", _PROVIDER),
    "authentication_future": Reason("The assertion says that the log-in is yet to come.", _CLOCK),
    "authentication_old": Reason(
        "The log-in at the identity provider is too old.",
        "Log out at your identity provider, then log in again.",
    ),
    "session_over": Reason("The session at the identity provider is over.", _AGAIN),
    "context": Reason(
        "The log-in at the identity provider was in no agreed way, with a second factor.",
        "Log out at your identity provider, then log in again with your second factor.",
    ),
    "time": Reason("A time in the answer could not be read.", _PROVIDER),
    "attributes": Reason("An attribute of the assertion was given twice.", _PROVIDER),
    # requests of service providers
    "not_a_request": Reason("The message was not a request to log in.", _SERVICE),
    "request_issuer": Reason("The request did not say which service it came from.", _SERVICE),
    "request_binding": Reason("The request asked for an answer in another way.", _SERVICE),
    "not_service_metadata": Reason(
        "This is not the metadata of one service provider with an address for HTTP POST.",
        "Export the metadata of the service again, for this one service.",
    ),
    # metadata and certificates
    "not_metadata": Reason(
        "This is not the metadata of one identity provider.",
        "Export the metadata of the identity provider again, for this one provider.",
    ),
    "metadata_expired": Reason(
        "This metadata is no longer valid.", "Export the metadata of the identity provider again."
    ),
    "no_post_address": Reason(
        "The metadata names no log-in address for HTTP POST.",
        "Switch the HTTP POST binding on at the identity provider and export again.",
    ),
    "no_certificate": Reason(
        "The metadata holds no signing certificate.",
        "Export the metadata again with the certificate that signs assertions.",
    ),
    "not_a_certificate": Reason(
        "This is not an X.509 certificate.", "Give it in PEM form, or as base64."
    ),
}


class SamlRefused(Refused):
    """A SAML message is refused.

    Attributes:
        reason: a key of REASONS; stable, for programs and for the desk.
        facts: what was found and what was expected, for the desk and the provider's keepers.
    """

    default_code = "saml_refused"

    def __init__(self, reason: str, facts: str = "") -> None:
        words = REASONS[reason]
        super().__init__(f"{words.happened} {words.remedy}", code=f"saml_{reason}")
        self.reason = reason
        self.facts = facts[:1000]

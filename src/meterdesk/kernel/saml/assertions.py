"""What an assertion says, read from its signed form and held against what was expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from meterdesk.kernel.saml.documents import ASSERTION, PERSISTENT, children, instant, text_of
from meterdesk.kernel.saml.refusals import SamlRefused

BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
LONGEST_SESSION: Final = timedelta(hours=8, minutes=30)
LONGEST_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an answer must say to be the answer to one request.

    Attributes:
        issuer: entity id of the identity provider that was asked.
        audience: our entity id.
        acs_url: our assertion consumer service, where the answer was posted.
        request_id: ID of the AuthnRequest that it must answer.
        contexts: agreed authentication context classes (SSI-NFR-14).
        name_id_formats: agreed formats of the person's name (SSI-NFR-18: persistent).
        skew: how far the two clocks may differ.
        longest_session: an AuthnInstant longer ago than this opens nothing (SSI-NFR-6).
    """

    issuer: str
    audience: str
    acs_url: str
    request_id: str
    contexts: frozenset[str]
    name_id_formats: frozenset[str] = frozenset({PERSISTENT})
    skew: timedelta = timedelta(seconds=60)
    longest_session: timedelta = LONGEST_SESSION


@dataclass(frozen=True, slots=True)
class Assertion:
    """A checked assertion. Times are UTC.

    Attributes:
        signed: which part was signed: "assertion", "response" or "both".
        certificate: fingerprint of the certificate that signed it.
        usable_until: when nothing in it can open anything any more; until then its id is kept.
        attributes: values by attribute name, without the blanks around them.
    """

    id: str
    response_id: str
    issuer: str
    name_id: str
    name_id_format: str
    context: str
    authenticated_at: datetime
    session_ends_at: datetime | None
    session_index: str
    not_before: datetime
    not_on_or_after: datetime
    usable_until: datetime
    signed: str
    certificate: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the AuthnStatement says."""

    authenticated_at: datetime
    session_ends_at: datetime | None
    session_index: str
    context: str


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one assertion at one moment. Each raises SamlRefused."""

    expected: Expectations
    now: datetime

    def issuer(self, element: etree._Element) -> None:
        """The Issuer of the Response and of the assertion alike."""
        found = children(element, ASSERTION, "Issuer")
        texts = [text_of(one) for one in found]
        plain = all(one.get("Format") in {None, ENTITY} for one in found)
        if texts != [self.expected.issuer] or not plain:
            raise SamlRefused("issuer", f"{texts!r}, not {self.expected.issuer!r}")

    def name_id(self, assertion: etree._Element) -> tuple[str, str]:
        """The person's name and its format."""
        subject = self._one(assertion, "Subject", "name_id")
        name = self._one(subject, "NameID", "name_id")
        value, form = text_of(name), str(name.get("Format", ""))
        if not value or len(name) or len(value) > LONGEST_NAME:
            raise SamlRefused("name_id", f"{len(value)} characters")
        if form not in self.expected.name_id_formats:
            raise SamlRefused("name_id_format", form[:200])
        if name.get("NameQualifier", self.expected.issuer) != self.expected.issuer:
            raise SamlRefused("name_qualifier", str(name.get("NameQualifier"))[:200])
        if name.get("SPNameQualifier", self.expected.audience) != self.expected.audience:
            raise SamlRefused("name_qualifier", str(name.get("SPNameQualifier"))[:200])
        return value, form

    def confirmation(self, assertion: etree._Element) -> datetime:
        """A bearer confirmation of this request at our address; returns its end."""
        subject = self._one(assertion, "Subject", "name_id")
        refusal = SamlRefused("confirmation", "no bearer SubjectConfirmation")
        for confirmation in children(subject, ASSERTION, "SubjectConfirmation"):
            if confirmation.get("Method") != BEARER:
                continue
            try:
                return self._bearer(confirmation)
            except SamlRefused as refused:
                refusal = refused
        raise refusal

    def _bearer(self, confirmation: etree._Element) -> datetime:
        data = self._one(confirmation, "SubjectConfirmationData", "confirmation")
        ends_at = instant(data, "NotOnOrAfter")
        if ends_at is None or data.get("NotBefore") is not None:
            raise SamlRefused("confirmation", "NotOnOrAfter is missing or NotBefore is set")
        if data.get("Recipient") != self.expected.acs_url:
            raise SamlRefused("recipient", str(data.get("Recipient"))[:300])
        self.in_response_to(data)
        self._not_after(ends_at)
        return ends_at

    def in_response_to(self, element: etree._Element) -> None:
        """InResponseTo of the Response and of the confirmation alike."""
        found = element.get("InResponseTo")
        if found is None:
            raise SamlRefused("unsolicited")
        if found != self.expected.request_id:
            raise SamlRefused("in_response_to", f"{found[:100]}, not {self.expected.request_id}")

    def conditions(self, assertion: etree._Element) -> tuple[datetime, datetime]:
        """Both bounds and every AudienceRestriction; nothing else is agreed (SSI-NFR-18)."""
        conditions = self._one(assertion, "Conditions", "conditions")
        starts_at, ends_at = instant(conditions, "NotBefore"), instant(conditions, "NotOnOrAfter")
        if starts_at is None or ends_at is None:
            raise SamlRefused("conditions", "NotBefore or NotOnOrAfter is missing")
        if starts_at > self.now + self.expected.skew:
            raise SamlRefused("not_yet_valid", f"from {starts_at:%Y-%m-%d %H:%M:%S} UTC")
        self._not_after(ends_at)
        restrictions = children(conditions, ASSERTION, "AudienceRestriction")
        if len(restrictions) != len(conditions):
            others = [str(one.tag) for one in conditions if one not in restrictions]
            raise SamlRefused("condition_unknown", ", ".join(others)[:300])
        if not restrictions:
            raise SamlRefused("audience", "no AudienceRestriction")
        for restriction in restrictions:
            named = [text_of(one) for one in children(restriction, ASSERTION, "Audience")]
            if self.expected.audience not in named:
                raise SamlRefused("audience", f"{named!r}, not {self.expected.audience!r}")
        return starts_at, ends_at

    def statement(self, assertion: etree._Element) -> Statement:
        """When and how the person logged in there, and how long that may last."""
        statement = self._one(assertion, "AuthnStatement", "authentication")
        at = instant(statement, "AuthnInstant")
        if at is None:
            raise SamlRefused("authentication", "AuthnInstant is missing")
        if at > self.now + self.expected.skew:
            raise SamlRefused("authentication_future", f"{at:%Y-%m-%d %H:%M:%S} UTC")
        if at <= self.now - self.expected.longest_session:
            raise SamlRefused("authentication_old", f"{at:%Y-%m-%d %H:%M:%S} UTC")
        ends_at = instant(statement, "SessionNotOnOrAfter")
        if ends_at is not None and ends_at <= self.now:
            raise SamlRefused("session_over", f"{ends_at:%Y-%m-%d %H:%M:%S} UTC")
        context = self._one(statement, "AuthnContext", "authentication")
        way = text_of(self._one(context, "AuthnContextClassRef", "authentication"))
        if way not in self.expected.contexts:
            raise SamlRefused("context", way[:200])
        return Statement(at, ends_at, str(statement.get("SessionIndex", ""))[:200], way)

    def _not_after(self, ends_at: datetime) -> None:
        if self.now - self.expected.skew >= ends_at:
            raise SamlRefused("expired", f"until {ends_at:%Y-%m-%d %H:%M:%S} UTC")

    def _one(self, element: etree._Element, name: str, reason: str) -> etree._Element:
        found = children(element, ASSERTION, name)
        if len(found) != 1:
            raise SamlRefused(reason, f"{len(found)} of {name}")
        return found[0]


def attributes_of(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    """Attribute values by name. Raises SamlRefused for a name given twice."""
    found: dict[str, tuple[str, ...]] = {}
    for statement in children(assertion, ASSERTION, "AttributeStatement"):
        for attribute in children(statement, ASSERTION, "Attribute"):
            name = str(attribute.get("Name", ""))
            if name in found:
                raise SamlRefused("attributes", name[:200])
            values = children(attribute, ASSERTION, "AttributeValue")
            found[name] = tuple(text_of(value) for value in values)
    return found

"""What an identity provider may do here, and what its assertions may say. Plain Python.

Attribute names and authentication contexts are provisional: what the parties agree is kept per
provider (SSI-NFR-14, 19).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from meterdesk.identity.rules import JobTypeRole
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import InvalidIdentifier, parse_eui
from meterdesk.kernel.saml import REASONS, Assertion, Reason
from meterdesk.kernel.saml.assertions import LONGEST_SESSION

REQUEST_LIFETIME = timedelta(minutes=15)
"""How long a person may take at their identity provider."""
FINISH_LIFETIME = timedelta(minutes=2)
"""How long a checked answer waits for the browser that asked."""
FAILURES_KEPT = timedelta(days=90)
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not taken for one another when read out."""
MOST_CERTIFICATES = 2
MOST_SKEW = timedelta(minutes=5)
DEFAULT_SKEW = timedelta(seconds=60)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])\Z", re.ASCII)
RESERVED_SLUGS = frozenset({"acs", "metadata", "finish", "failures", "providers", "idp", "new"})

DEFAULT_CONTEXTS = (
    "https://refeds.org/profile/mfa",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
    "http://schemas.microsoft.com/claims/multipleauthn",
)
"""Ways of logging in with two factors. Provisional."""

ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "username": ("Username", "Username"),
    "roles": ("Job Type Roles, comma-separated", "Roles"),
    "user_ids": ("UserIds, comma-separated", "OrgID"),
    "first_name": ("First name", "FirstName"),
    "last_name": ("Last name", "LastName"),
    "email": ("Email address", "Email"),
    "telephone": ("Telephone number", "Telephone"),
}
"""What is read of an assertion: its meaning and the attribute name it has by default."""

DEFAULT_ATTRIBUTES: Mapping[str, str] = {what: name for what, (_, name) in ATTRIBUTES.items()}


class ProviderState(StrEnum):
    """Where the enrolment of an identity provider stands (SSI-NFR-15)."""

    DRAFT = "DRAFT"
    TESTING = "TESTING"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The state in words."""
        return STATE_TITLES[self]


STATE_TITLES = {
    ProviderState.DRAFT: "Draft",
    ProviderState.TESTING: "Testing",
    ProviderState.AWAITING_APPROVAL: "Awaiting approval",
    ProviderState.ACTIVE: "Active",
    ProviderState.SUSPENDED: "Suspended",
}


class Side(StrEnum):
    """Who takes a step: the organisation's administrators, or the operator's."""

    ORGANISATION = "ORGANISATION"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one state to the next; `why` tells whether a reason must be given."""

    verb: str
    label: str
    to: ProviderState
    sides: frozenset[Side]
    why: bool = False


_OURS, _THEIRS = frozenset({Side.OPERATOR}), frozenset({Side.ORGANISATION})
_EITHER = _OURS | _THEIRS

TRANSITIONS: Mapping[ProviderState, tuple[Step, ...]] = {
    ProviderState.DRAFT: (Step("test", "Begin testing", ProviderState.TESTING, _THEIRS),),
    ProviderState.TESTING: (
        Step("submit", "Submit for approval", ProviderState.AWAITING_APPROVAL, _THEIRS),
        Step("redraft", "Back to draft", ProviderState.DRAFT, _THEIRS),
    ),
    ProviderState.AWAITING_APPROVAL: (
        Step("approve", "Approve and activate", ProviderState.ACTIVE, _OURS, why=True),
        Step("refuse", "Refuse", ProviderState.DRAFT, _OURS, why=True),
        Step("withdraw", "Withdraw", ProviderState.DRAFT, _THEIRS),
    ),
    ProviderState.ACTIVE: (Step("suspend", "Suspend", ProviderState.SUSPENDED, _EITHER, why=True),),
    ProviderState.SUSPENDED: (
        Step("resume", "Activate again", ProviderState.ACTIVE, _OURS, why=True),
        Step("redraft", "Back to draft", ProviderState.DRAFT, _THEIRS),
    ),
}
"""Screens draw their buttons, and the documentation its diagram, from this table."""


CHANGEABLE = frozenset({ProviderState.DRAFT, ProviderState.TESTING})
"""While a provider is in one of these, all that is enrolled can be changed."""

EXPIRY_WARNINGS = (30, 7, 1)
"""Days before the end of a certificate on which administrators are warned."""


def warning_due(ends_at: datetime, at: datetime) -> int | None:
    """The shortest warning time, in days, that has been reached; None before the first."""
    left = ends_at - at
    return min((days for days in EXPIRY_WARNINGS if left <= timedelta(days=days)), default=None)


def step_of(state: ProviderState, verb: str) -> Step | None:
    """The step of that name from that state, if there is one."""
    return next((step for step in TRANSITIONS[state] if step.verb == verb), None)


_PROVIDER = (
    "Your administrators have to change what your identity provider says of you; give them the "
    "reference."
)
_AGAIN = "Log in again."

LOG_IN_REASONS: Mapping[str, Reason] = {
    **REASONS,
    "request_unknown": Reason("The answer belonged to no log-in that was begun here.", _AGAIN),
    "request_expired": Reason("The log-in took too long.", _AGAIN),
    "request_used": Reason("This answer was used before.", _AGAIN),
    "replayed": Reason("This assertion was used before.", _AGAIN),
    "other_browser": Reason(
        "The answer came to another browser than the one that began the log-in.",
        "Log in again, and stay in one browser window. If you did not begin a log-in yourself, "
        "tell your administrator.",
    ),
    "provider_closed": Reason(
        "The identity provider is not active in Meterdesk.",
        "Ask your administrator.",
    ),
    "organisation": Reason(
        "This identity provider may not log in people of that organisation.",
        "Tell the service desk.",
    ),
    "account": Reason(
        "The account in Meterdesk is locked or deleted, or its organisation has no access.",
        "Ask your administrator.",
    ),
    "network": Reason(
        "The organisation is not approved for access from this network.",
        "Log in from an approved network. Your administrator can request access from others.",
    ),
    "roles_missing": Reason("The assertion named no Job Type Role.", _PROVIDER),
    "roles_unknown": Reason("The assertion named a Job Type Role that does not exist.", _PROVIDER),
    "user_ids_missing": Reason("The assertion named no UserId.", _PROVIDER),
    "user_ids_foreign": Reason(
        "The assertion named a UserId that is neither the organisation's own nor granted to it.",
        _PROVIDER,
    ),
}
"""Every reason for which a log-in through an identity provider fails."""


class LogInRefused(Refused):
    """A log-in through an identity provider fails.

    Attributes:
        reason: a key of LOG_IN_REASONS.
        facts: for the desk and the organisation's administrators, not for the screen of whoever
            holds the answer.
        reference: what the person tells the desk, once the failure is recorded.
    """

    default_code = "log_in_refused"
    default_status = 422

    def __init__(self, reason: str, facts: str = "") -> None:
        words = LOG_IN_REASONS[reason]
        super().__init__(f"{words.happened} {words.remedy}", code=f"log_in_{reason}")
        self.reason = reason
        self.facts = facts[:1000]
        self.reference = ""
        self.slug = ""


@dataclass(frozen=True, slots=True)
class AssertedRights:
    """What an assertion claims: every role in relation to every UserId (SSI-NFR-19, 27)."""

    roles: tuple[str, ...]
    user_ids: tuple[str, ...]


def values_of(assertion: Assertion, names: Mapping[str, str], what: str) -> tuple[str, ...]:
    """The values of what is meant, under the provider's name for it; comma-separated ones apart."""
    given = assertion.attributes.get(names.get(what, DEFAULT_ATTRIBUTES[what]), ())
    return tuple(
        dict.fromkeys(part.strip() for one in given for part in one.split(",") if part.strip())
    )


def value_of(assertion: Assertion, names: Mapping[str, str], what: str) -> str:
    """The one value of what is meant, or nothing."""
    given = assertion.attributes.get(names.get(what, DEFAULT_ATTRIBUTES[what]), ())
    return given[0].strip() if len(given) == 1 else ""


def asserted_rights(
    assertion: Assertion, names: Mapping[str, str], in_reach: Iterable[str]
) -> AssertedRights:
    """The roles and UserIds that an assertion claims, all of them known and within reach.

    Args:
        names: the provider's attribute names, by what they mean.
        in_reach: UserIds of the provider's organisation, and those granted to it.

    Raises LogInRefused: one wrong role or UserId refuses the whole.
    """
    roles, named = values_of(assertion, names, "roles"), values_of(assertion, names, "user_ids")
    if not roles:
        raise LogInRefused("roles_missing")
    known = {role.value.casefold(): role.value for role in JobTypeRole}
    unknown = [role for role in roles if role.casefold() not in known]
    if unknown:
        raise LogInRefused("roles_unknown", ", ".join(unknown))
    if not named:
        raise LogInRefused("user_ids_missing")
    reach = frozenset(in_reach)
    user_ids = [_user_id(text) for text in named]
    if foreign := [text for text, eui in zip(named, user_ids, strict=True) if eui not in reach]:
        raise LogInRefused("user_ids_foreign", ", ".join(foreign))
    return AssertedRights(
        tuple(dict.fromkeys(known[role.casefold()] for role in roles)),
        tuple(dict.fromkeys(user_ids)),
    )


def _user_id(text: str) -> str:
    try:
        return parse_eui(text)
    except InvalidIdentifier:
        return ""


def session_end(assertion: Assertion) -> datetime:
    """SessionNotOnOrAfter or AuthnInstant plus 8.5 hours, whichever is earlier (SSI-NFR-6, 19)."""
    latest = assertion.authenticated_at + LONGEST_SESSION
    return min(assertion.session_ends_at or latest, latest)


def slug_mistake(slug: str) -> str:
    """What is wrong with a log-in address, or nothing."""
    if not SLUG.match(slug):
        return "Use 2 to 50 small letters, digits and hyphens, such as alder-energy."
    return "This log-in address is taken. Choose another one." if slug in RESERVED_SLUGS else ""


def plain_reference(text: str) -> str:
    """A failed log-in's reference as it is kept, from however it was written down."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[:12]


def shown_reference(reference: str) -> str:
    """The reference in two groups, to be read out."""
    return f"{reference[:4]}-{reference[4:]}"


def plain_username(text: str) -> str:
    """A username that an assertion offers, of plain characters; nothing when none is left."""
    return "".join(re.findall(r"[A-Za-z0-9._@+-]", text))[:80]

"""Officers, an organisation's standing and onboarding, and what states a sharing has. Plain Python.

SHARING is the one table of a sharing's transitions: buttons, API, the check in the actions and
docs/reference/sharing-states.md come from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from meterdesk.identity.rules import OrganisationKind, Suspension

NAME_LONGEST: Final = 120
REASON_LONGEST: Final = 500
USER_IDS_MOST: Final = 20
"""UserIds of one side of a sharing: each pair of them makes two grants."""
OPEN_SHARINGS_MOST: Final = 20
"""Sharings of one organisation that are not in force yet, so that nobody floods the others."""


class OfficerKind(StrEnum):
    """What an officer of an organisation is under the Code."""

    SRO = "SRO"
    ARO = "ARO"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """In words."""
        return {"SRO": "Senior Responsible Officer", "ARO": "Authorised Responsible Officer"}[self]


class Standing(StrEnum):
    """How an organisation stands with the operator."""

    ACTIVE = "ACTIVE"
    READ_ONLY = "READ_ONLY"
    NOTHING = "NOTHING"
    CLOSED = "CLOSED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return _STANDING_WORDS[self][0]

    @property
    def mark(self) -> str:
        """The kind of mark that goes with the word."""
        return _STANDING_WORDS[self][1]


_STANDING_WORDS = {
    Standing.ACTIVE: ("Active", "good"),
    Standing.READ_ONLY: ("Suspended: reading only", "warn"),
    Standing.NOTHING: ("Suspended: no access", "bad"),
    Standing.CLOSED: ("Off-boarded", "neutral"),
}
KIND_WORDS: Final = {
    OrganisationKind.PARTY: "SEC Party",
    OrganisationKind.SERVICE_PROVIDER: "Service provider",
    OrganisationKind.OPERATOR: "Network operator",
}


def standing_of(suspension: Suspension, closed_at: datetime | None) -> Standing:
    """How an organisation or a UserId stands."""
    if closed_at is not None:
        return Standing.CLOSED
    return Standing.ACTIVE if suspension is Suspension.NONE else Standing(suspension)


def is_in_office(active_from: date, active_until: date | None, on: date) -> bool:
    """Whether an officer is one on that day."""
    return active_from <= on and (active_until is None or on <= active_until)


@dataclass(frozen=True, slots=True)
class OnboardingStep:
    """One step of taking an organisation up; `found` says what there is."""

    key: str
    title: str
    is_done: bool
    found: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of an organisation that is being taken up.

    Attributes:
        user_roles: titles of its UserIds' roles, one for each.
        officers: Senior Responsible Officers in office; `signing`: those of them who can sign.
        networks: approved ones; `networks_needed`: others are turned away on this installation.
        administrators_ready: those who have finished their first log-in.
    """

    user_roles: tuple[str, ...] = ()
    officers: int = 0
    signing: int = 0
    networks: int = 0
    networks_needed: bool = False
    administrators: int = 0
    administrators_ready: int = 0
    people: int = 0


def onboarding_of(kind: OrganisationKind, found: Found) -> tuple[OnboardingStep, ...]:
    """The steps of an organisation's onboarding, in order, each with whether it is done.

    Service providers have neither UserIds nor officers here: their people are resolvers.
    """
    named = OnboardingStep("name", "Name and kind", True, KIND_WORDS[kind])
    networks = OnboardingStep(
        "networks",
        "Networks",
        found.networks > 0 or not found.networks_needed,
        f"{found.networks} approved"
        if found.networks
        else "None yet: nobody of it can come in"
        if found.networks_needed
        else "None; every network is let in on this installation",
    )
    if kind is not OrganisationKind.PARTY:
        people = OnboardingStep(
            "people", "People", found.people > 0, _counted(found.people, "account")
        )
        return (named, networks, people)
    return (named, _user_ids(found), *_officers(found), networks, *_administrators(found))


def _user_ids(found: Found) -> OnboardingStep:
    number = len(found.user_roles)
    roles = f": {', '.join(found.user_roles)}" if number else ""
    return OnboardingStep(
        "user-ids", "UserIds and their roles", number > 0, f"{_counted(number, 'UserId')}{roles}"
    )


def _officers(found: Found) -> tuple[OnboardingStep, ...]:
    title = OfficerKind.SRO.title
    return (
        OnboardingStep("officers", title, found.officers > 0, _counted(found.officers, "officer")),
        OnboardingStep(
            "signature",
            "How that officer signs",
            found.signing > 0,
            f"{found.signing} can sign" if found.signing else "Neither certificate nor own log-in",
        ),
    )


def _administrators(found: Found) -> tuple[OnboardingStep, ...]:
    made, ready = found.administrators, found.administrators_ready
    waiting = "Waits for it" if made else "None yet"
    return (
        OnboardingStep(
            "administrator", "First administrator", made > 0, _counted(made, "administrator")
        ),
        OnboardingStep(
            "first-log-in", "The administrator's log-in", ready > 0, "Done" if ready else waiting
        ),
    )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}" if number else "None yet"


class SharingState(StrEnum):
    """Where a sharing between two organisations stands (SSI-NFR-28 to 34)."""

    DRAFT = "DRAFT"
    PROPOSED = "PROPOSED"
    VERIFYING = "VERIFYING"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    RESCINDED = "RESCINDED"
    EXPIRED = "EXPIRED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return _SHARING_WORDS[self][0]

    @property
    def mark(self) -> str:
        """The kind of mark that goes with the word."""
        return _SHARING_WORDS[self][1]


_SHARING_WORDS = {
    SharingState.DRAFT: ("Not signed yet", "neutral"),
    SharingState.PROPOSED: ("Waiting for the other side", "info"),
    SharingState.VERIFYING: ("With the operator", "info"),
    SharingState.ACTIVE: ("In force", "good"),
    SharingState.REJECTED: ("Rejected", "bad"),
    SharingState.DECLINED: ("Declined", "neutral"),
    SharingState.WITHDRAWN: ("Withdrawn", "neutral"),
    SharingState.RESCINDED: ("Rescinded", "neutral"),
    SharingState.EXPIRED: ("Expired", "neutral"),
}
UNDER_WAY: Final = frozenset({SharingState.DRAFT, SharingState.PROPOSED, SharingState.VERIFYING})


class Side(StrEnum):
    """Who takes a step in a sharing."""

    FIRST = "FIRST"
    SECOND = "SECOND"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"

    @property
    def words(self) -> str:
        """As the documentation names it."""
        return {
            Side.FIRST: "who began it",
            Side.SECOND: "the other side",
            Side.OPERATOR: "the operator",
            Side.SYSTEM: "Meterdesk",
        }[self]


class SharingVerb(StrEnum):
    """What can be done to a sharing."""

    SIGN = "sign"
    ANSWER = "answer"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REJECT = "reject"
    ACTIVATE = "activate"
    RESCIND_PART = "rescind_part"
    RESCIND = "rescind"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from which states to which, by whom, and what history says then."""

    title: str
    sources: frozenset[SharingState]
    target: SharingState
    who: frozenset[Side]
    done: str
    asks_reason: bool = False


def _row(
    title: str,
    sources: Iterable[SharingState],
    target: SharingState,
    who: Iterable[Side],
    done: str,
    *,
    asks_reason: bool = False,
) -> Transition:
    return Transition(title, frozenset(sources), target, frozenset(who), done, asks_reason)


_S, _BOTH = SharingState, (Side.FIRST, Side.SECOND)
SHARING: Final = {
    SharingVerb.SIGN: _row("Sign", [_S.DRAFT], _S.PROPOSED, [Side.FIRST], "Notification signed"),
    SharingVerb.ANSWER: _row(
        "Answer", [_S.PROPOSED], _S.VERIFYING, [Side.SECOND], "The other side's notification signed"
    ),
    SharingVerb.DECLINE: _row(
        "Decline",
        [_S.PROPOSED, _S.VERIFYING],
        _S.DECLINED,
        [Side.SECOND],
        "Declined",
        asks_reason=True,
    ),
    SharingVerb.WITHDRAW: _row("Withdraw", UNDER_WAY, _S.WITHDRAWN, [Side.FIRST], "Withdrawn"),
    SharingVerb.REJECT: _row(
        "Reject", UNDER_WAY, _S.REJECTED, [Side.OPERATOR], "Rejected", asks_reason=True
    ),
    SharingVerb.ACTIVATE: _row(
        "Activate", [_S.VERIFYING], _S.ACTIVE, [Side.OPERATOR], "Verified and activated"
    ),
    SharingVerb.RESCIND_PART: _row(
        "Rescind in part",
        [_S.ACTIVE],
        _S.ACTIVE,
        [*_BOTH, Side.OPERATOR],
        "Rescinded for some UserIds",
    ),
    SharingVerb.RESCIND: _row(
        "Rescind", [_S.ACTIVE], _S.RESCINDED, [*_BOTH, Side.OPERATOR], "Rescinded"
    ),
    SharingVerb.EXPIRE: _row("Expire", [_S.ACTIVE], _S.EXPIRED, [Side.SYSTEM], "Expired"),
}
CONFIRMED: Final = (
    SharingVerb.DECLINE,
    SharingVerb.WITHDRAW,
    SharingVerb.REJECT,
    SharingVerb.ACTIVATE,
)
"""Verbs taken on a page of confirmation; the others are taken by signing a notification."""


def open_sharing_verbs(state: SharingState, sides: Iterable[Side]) -> tuple[SharingVerb, ...]:
    """What these sides may do in this state, in the table's order."""
    held = frozenset(sides)
    return tuple(verb for verb, row in SHARING.items() if state in row.sources and held & row.who)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is verified before a sharing is activated (SSI-NFR-28)."""

    title: str
    holds: bool
    found: str

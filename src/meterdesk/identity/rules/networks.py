"""Networks that people and programs may come from: kinds, states, what may be asked for (FSM-12).

Buttons, endpoints, the check in the actions and the documentation come from NETWORK_STEPS. Every
change of state compares and sets on (id, state, version).
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from meterdesk.kernel.errors import NotAllowed

REVIEW_LATEST = timedelta(days=366)
REMIND_BEFORE = (30, 7, 1)
"""Days before a review date, or a token's end, on which those who can act are told."""

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NetworkKind(StrEnum):
    """How an organisation reaches Meterdesk."""

    GATEWAY = "GATEWAY"
    INTERNET = "INTERNET"

    @property
    def word(self) -> str:
        """As shown to people."""
        return {"GATEWAY": "Gateway connection", "INTERNET": "Internet"}[self.value]


WIDEST: Mapping[NetworkKind, Mapping[int, int]] = {
    NetworkKind.GATEWAY: {4: 8, 6: 16},
    NetworkKind.INTERNET: {4: 16, 6: 32},
}
"""The shortest prefix taken, by kind and IP version."""


class NetworkState(StrEnum):
    """Where a network stands. Access comes from APPROVED alone."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def word(self) -> str:
        """As shown to people."""
        return self.value.capitalize()


class NetworkVerb(StrEnum):
    """What can be done to a network after it was asked for."""

    APPROVE = "approve"
    REFUSE = "refuse"
    REVIEW = "review"
    WITHDRAW = "withdraw"


class NetworkPart(StrEnum):
    """What somebody is to a network."""

    ADMINISTRATOR = "ADMINISTRATOR"
    OPERATOR = "OPERATOR"


class NetworkRefusal(StrEnum):
    """Why a call from an address is turned away: the organisation is not approved for it, or the
    token is bound to other networks.
    """

    ORGANISATION = "organisation"
    TOKEN = "token"  # noqa: S105  not a secret


def wrong_network(address: str, why: NetworkRefusal) -> NotAllowed:
    """The refusal that people and programs read."""
    if why is NetworkRefusal.TOKEN:
        message = (
            f"This token may not be used from your address ({address}). Use it from the networks "
            "it is bound to, or have it bound to others."
        )
    else:
        message = (
            f"Your organisation is not approved for access from your address ({address}). "
            "Log in from an approved network. Your administrator can request access from others."
        )
    return NotAllowed(message, code="wrong_network")


@dataclass(frozen=True, slots=True)
class NetworkStep:
    """One line of the table of transitions.

    Attributes:
        word: of its button; `done`: what is said of it afterwards.
        asks_review_date: the step sets the day by which the approval is looked at again.
        by_another: whoever asked for the network cannot take this step (separation of duties).
    """

    verb: NetworkVerb
    word: str
    done: str
    begins: frozenset[NetworkState]
    becomes: NetworkState
    parts: frozenset[NetworkPart]
    asks_review_date: bool = False
    by_another: bool = False

    @property
    def lets_in(self) -> bool:
        """Somebody comes in by it, or for longer: it asks for fresh proof."""
        return self.becomes is NetworkState.APPROVED


_OPERATOR = frozenset({NetworkPart.OPERATOR})
_REQUESTED = frozenset({NetworkState.REQUESTED})
_APPROVED = frozenset({NetworkState.APPROVED})
NETWORK_STEPS: Mapping[NetworkVerb, NetworkStep] = {
    step.verb: step
    for step in (
        NetworkStep(
            NetworkVerb.APPROVE, "Approve", "approved", _REQUESTED, NetworkState.APPROVED,
            _OPERATOR, asks_review_date=True, by_another=True,
        ),
        NetworkStep(
            NetworkVerb.REFUSE, "Refuse", "refused", _REQUESTED, NetworkState.REFUSED, _OPERATOR
        ),
        NetworkStep(
            NetworkVerb.REVIEW, "Record a review", "reviewed", _APPROVED, NetworkState.APPROVED,
            _OPERATOR, asks_review_date=True, by_another=True,
        ),
        NetworkStep(
            NetworkVerb.WITHDRAW, "Withdraw", "withdrawn", _REQUESTED | _APPROVED,
            NetworkState.WITHDRAWN, frozenset(NetworkPart),
        ),
    )
}  # fmt: skip


def steps_open(
    state: NetworkState, parts: frozenset[NetworkPart], *, asked_for_it: bool
) -> tuple[NetworkStep, ...]:
    """The steps that somebody may take now, in the order of the table."""
    return tuple(
        step
        for step in NETWORK_STEPS.values()
        if state in step.begins and parts & step.parts and not (step.by_another and asked_for_it)
    )


class NetworkMistake(ValueError):
    """The text is not a network that can be taken; the message says how to mend it."""


def parse_network(text: str, kind: NetworkKind | None = None) -> str:
    """The network in its canonical spelling, for example `203.0.113.0/24` or `2001:db8::/48`.

    A single address stands for itself. For a kind the range must be one that organisations can
    have there. Raises NetworkMistake.
    """
    given = "".join(text.split())
    try:
        network = ipaddress.ip_network(given, strict=False)
    except ValueError:
        raise NetworkMistake(
            "Enter a network such as 203.0.113.0/24, or a single address."
        ) from None
    if given.partition("/")[2] and str(network.network_address) != _address_part(given):
        raise NetworkMistake(
            f"{given} has digits after the part that /{network.prefixlen} counts. "
            f"Did you mean {network}?"
        )
    _check_range(network, kind)
    return str(network)


def _address_part(given: str) -> str:
    return str(ipaddress.ip_address(given.partition("/")[0]))


def _check_range(network: IpNetwork, kind: NetworkKind | None) -> None:
    if network.prefixlen == 0:
        raise NetworkMistake("This takes in every address there is. Enter the network itself.")
    mapped = isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED)
    if mapped:
        raise NetworkMistake("Enter an IPv4 network as such, for example 203.0.113.0/24.")
    if network.is_multicast or network.is_unspecified:
        raise NetworkMistake("Nobody can call from these addresses. Enter another network.")
    if kind is None:
        return
    widest = WIDEST[kind][network.version]
    if network.prefixlen < widest:
        raise NetworkMistake(f"This is too wide: enter networks of /{widest} or smaller.")
    if kind is NetworkKind.INTERNET and _is_inside(network):
        raise NetworkMistake(
            "These addresses are not seen on the internet. Enter the public addresses that your "
            "organisation's traffic comes from."
        )


def _is_inside(network: IpNetwork) -> bool:
    documentation = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    for text in documentation:
        known = ipaddress.ip_network(text)
        if known.version == network.version and network.subnet_of(known):  # type: ignore[arg-type]
            return False
    return network.is_private or network.is_loopback or network.is_link_local


def parse_address(text: str) -> IpAddress | None:
    """The address of a caller; one of IPv4 written as IPv6 is that of IPv4. None for nonsense."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether a caller's address lies in one of these networks; nonsense lies in none."""
    found = parse_address(address)
    return found is not None and any(found in ipaddress.ip_network(one) for one in networks)


def is_narrower(networks: Iterable[str], outer: Iterable[str]) -> bool:
    """Whether each of some networks, of which there must be one, lies in one of the outer ones."""
    inner = [ipaddress.ip_network(one) for one in networks]
    around = [ipaddress.ip_network(one) for one in outer]
    return bool(inner) and all(
        any(
            one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]
            for other in around
        )
        for one in inner
    )


def reminder_due(ends: date, begun: date, reminded: int | None, today: date) -> int | None:
    """Which of REMIND_BEFORE is due now and not yet given, None when none is.

    Args:
        begun: what lasts less than so many days is not announced as that many days ahead.
        reminded: the number of days of the reminder given last.
    """
    left, length = (ends - today).days, (ends - begun).days
    due = [days for days in REMIND_BEFORE if left <= days < length]
    if not due or left < 0:
        return None
    nearest = min(due)
    return nearest if reminded is None or nearest < reminded else None

"""Asking a hub itself, by way of the communications service provider of its Region.

The contract with the provider stands in docs/reference/csp-interface.md. Plain Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from meterdesk.hubs.rules import CLOCK_TOLERANCE, HubData, WanConnectivity
from meterdesk.kernel.errors import Refused

TIME_LIMIT: Final = timedelta(minutes=10)
"""After this a request that has no answer is given up."""
MOST_AN_HOUR: Final = 6
"""Requests that one organisation may make of one hub within an hour."""
_FIRST_WAIT, _LONGEST_WAIT = 3, 60
_LONGEST_TEXT = 200


class RequestKind(StrEnum):
    """What is asked of the hub (SSI-FR-16a, 16b)."""

    COMMUNICATE = "communicate"
    FULL_DIAGNOSTICS = "full-diagnostics"

    @property
    def word(self) -> str:
        """As shown to people."""
        return _KIND_WORDS[self]


_KIND_WORDS = {
    RequestKind.COMMUNICATE: "Communicate With Device",
    RequestKind.FULL_DIAGNOSTICS: "Full diagnostics",
}


class RequestState(StrEnum):
    """How far a request has come."""

    REQUESTED = "REQUESTED"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"

    @property
    def word(self) -> str:
        """As shown to people."""
        return _STATE_WORDS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return not TRANSITIONS[self]


_STATE_WORDS = {
    RequestState.REQUESTED: "Going to the provider",
    RequestState.WAITING: "The provider is asking the hub",
    RequestState.SUCCEEDED: "Answered",
    RequestState.FAILED: "Failed",
    RequestState.TIMED_OUT: "No answer in time",
}

_ENDS = frozenset({RequestState.SUCCEEDED, RequestState.FAILED, RequestState.TIMED_OUT})
TRANSITIONS: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    RequestState.REQUESTED: frozenset(
        {RequestState.WAITING, RequestState.FAILED, RequestState.TIMED_OUT}
    ),
    RequestState.WAITING: _ENDS,
    RequestState.SUCCEEDED: frozenset(),
    RequestState.FAILED: frozenset(),
    RequestState.TIMED_OUT: frozenset(),
}
UNDER_WAY: Final = tuple(state for state, following in TRANSITIONS.items() if following)


def wait_after(tries: int) -> timedelta:
    """How long to wait before asking the provider again, after so many tries."""
    seconds: int = _FIRST_WAIT * 2 ** min(tries, 10)
    return timedelta(seconds=min(seconds, _LONGEST_WAIT))


@dataclass(frozen=True, slots=True)
class HubResult:
    """What the hub itself said, by way of the provider; None where it said nothing.

    Attributes:
        measured_at: when the hub was asked.
        is_reached: whether it answered.
    """

    measured_at: datetime
    is_reached: bool
    han_status: str | None = None
    wan_connectivity: WanConnectivity | None = None
    aerial_installed: bool | None = None
    aerial_type: str | None = None
    last_connection_at: datetime | None = None
    last_tamper_at: datetime | None = None
    last_outage_at: datetime | None = None
    last_restore_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept; `result_of` reads it."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value is not None
        }


def result_told(said: Any, now: datetime) -> HubResult:
    """A result as the provider sends it, at `now`; raises Refused as `result_of`.

    What is more than a day ahead is refused: it would outshine all that is said later.
    """
    result = result_of(said)
    for name in HubResult.__slots__:
        value = getattr(result, name)
        if isinstance(value, datetime) and value > now + CLOCK_TOLERANCE:
            raise Refused(f"{name} is {value:%Y-%m-%d %H:%M} UTC, to come.", code="bad_result")
    return result


def result_of(said: Any) -> HubResult:
    """Read a result as it is kept.

    Raises Refused, naming the field, when it is not as the contract says.
    """
    if not isinstance(said, Mapping):
        raise Refused("The result is not an object.", code="bad_result")
    measured_at, reached = _instant(said, "measured_at"), _yes_no(said, "is_reached")
    if measured_at is None or reached is None:
        raise Refused("measured_at and is_reached are needed.", code="bad_result")
    connectivity = _text(said, "wan_connectivity")
    if connectivity is not None and connectivity not in {one.value for one in WanConnectivity}:
        raise Refused(f"wan_connectivity is {connectivity!r}.", code="bad_result")
    return HubResult(
        measured_at=measured_at,
        is_reached=reached,
        han_status=_text(said, "han_status"),
        wan_connectivity=WanConnectivity(connectivity) if connectivity else None,
        aerial_installed=_yes_no(said, "aerial_installed"),
        aerial_type=_text(said, "aerial_type"),
        last_connection_at=_instant(said, "last_connection_at"),
        last_tamper_at=_instant(said, "last_tamper_at"),
        last_outage_at=_instant(said, "last_outage_at"),
        last_restore_at=_instant(said, "last_restore_at"),
    )


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise Refused(f"{name} is not a short text.", code="bad_result")
    return value


def _yes_no(said: Mapping[str, Any], name: str) -> bool | None:
    value = said.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(f"{name} is neither true nor false.", code="bad_result")
    return value


def _instant(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Refused(f"{name} is not an instant.", code="bad_result") from None
    if datetime.fromisoformat(value).tzinfo is None:
        raise Refused(f"{name} has no time zone.", code="bad_result")
    return at


def with_result(data: HubData, result: HubResult | None) -> HubData:
    """The CSP's data with what the hub said since: what only the hub knows, or knows better."""
    if result is None or not result.is_reached:
        return data
    said = replace(data, han_status=result.han_status or data.han_status)
    if result.measured_at <= data.as_of:
        return said
    newer = {
        name: getattr(result, name)
        for name in (
            *("wan_connectivity", "aerial_installed", "aerial_type", "last_connection_at"),
            *("last_tamper_at", "last_outage_at", "last_restore_at"),
        )
        if getattr(result, name) is not None
    }
    return replace(said, **newer)

"""Second factors: their kinds, and what an organisation asks of its people. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FACTORS_MOST = 10
FACTOR_NAME_LONGEST = 60
GRACE_LONGEST = 90
"""Days."""
SESSIONS_DEFAULT = 10
SESSIONS_LONGEST = 50
PROOF_FRESH = timedelta(minutes=5)
"""How recent the last proof must be for a change to one's own security."""
RESET_OPEN = timedelta(hours=72)
"""How long a second administrator may take to agree, and how long a reset code may be used."""


class FactorKind(StrEnum):
    """What a person can prove a log-in with besides the password (FSM-5, 6)."""

    APP = "APP"
    KEY = "KEY"
    PASSKEY = "PASSKEY"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The kind in words."""
        return FACTOR_TITLES[self]


FACTOR_TITLES = {
    FactorKind.APP: "Authenticator app",
    FactorKind.KEY: "Security key",
    FactorKind.PASSKEY: "Passkey",
}


@dataclass(frozen=True, slots=True)
class FactorPolicy:
    """Which kinds an organisation allows its people.

    Attributes:
        demanded_from: until then, those whose kinds are all no longer allowed may go on with
            them (aware UTC); None when there is no such time.
    """

    allowed: frozenset[FactorKind] = frozenset(FactorKind)
    demanded_from: datetime | None = None

    def accepted(self, held: Iterable[FactorKind]) -> frozenset[FactorKind]:
        """The kinds that a log-in takes from somebody who holds these.

        Once one of them is allowed the others no longer count. Somebody without an allowed one
        gets in with what they have, as far as the step that asks for an allowed one.
        """
        return (frozenset(held) & self.allowed) or frozenset(held)

    def is_met(self, held: Iterable[FactorKind], at: datetime) -> bool:
        """Whether somebody who holds these kinds may use more than the set-up steps."""
        kinds = frozenset(held)
        if kinds & self.allowed:
            return True
        return bool(kinds) and self.demanded_from is not None and at < self.demanded_from

    def due(self, held: Iterable[FactorKind]) -> datetime | None:
        """When an allowed kind is demanded of somebody who holds only others, if ever."""
        return None if frozenset(held) & self.allowed else self.demanded_from

    def may_lose(self, held: list[FactorKind], lost: FactorKind) -> bool:
        """Whether one of this kind may be removed: an accepted one must be left.

        Args:
            held: the kind of each factor, as often as there are factors.
        """
        left = list(held)
        left.remove(lost)
        return bool(frozenset(left) & self.accepted(held))


class ResetState(StrEnum):
    """A reset of somebody's second factors."""

    REQUESTED = "REQUESTED"
    DONE = "DONE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The state in words."""
        return {
            ResetState.REQUESTED: "Waiting for a second administrator",
            ResetState.DONE: "Carried out",
            ResetState.REFUSED: "Refused",
            ResetState.WITHDRAWN: "Withdrawn",
        }[self]


RESET_VERBS = {
    "approve": (ResetState.REQUESTED, ResetState.DONE),
    "refuse": (ResetState.REQUESTED, ResetState.REFUSED),
    "withdraw": (ResetState.REQUESTED, ResetState.WITHDRAWN),
}
"""What may be done to a request, from which state, and to which it leads."""

"""Whole loads of coverage: where each stands (a table of moves), and what changed by it."""

from enum import StrEnum


class VersionState(StrEnum):
    """Where a load of the whole country stands."""

    LOADING = "LOADING"
    READY = "READY"
    SWITCHING = "SWITCHING"
    CURRENT = "CURRENT"
    PREVIOUS = "PREVIOUS"
    REFUSED = "REFUSED"
    RETIRED = "RETIRED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return "Being switched in" if self is self.SWITCHING else self.value.capitalize()


VERSION_MOVES: dict[VersionState, frozenset[VersionState]] = {
    VersionState.LOADING: frozenset({VersionState.READY, VersionState.REFUSED}),
    VersionState.READY: frozenset({VersionState.SWITCHING, VersionState.REFUSED}),
    VersionState.SWITCHING: frozenset({VersionState.CURRENT, VersionState.READY}),
    VersionState.CURRENT: frozenset({VersionState.PREVIOUS}),
    VersionState.PREVIOUS: frozenset({VersionState.RETIRED}),
    VersionState.REFUSED: frozenset(),
    VersionState.RETIRED: frozenset(),
}

SWITCH_STEPS = (
    "Waiting for its turn",
    "Comparing it with what counts now",
    "Writing what differs, all at once",
)
"""What is being done while a version is switched in, by the number of its step."""

"""Whole loads of coverage: where each stands (a table of moves), and what changed by it."""

from enum import StrEnum


class VersionState(StrEnum):
    """Where a load of the whole country stands."""

    LOADING = "LOADING"
    READY = "READY"
    CURRENT = "CURRENT"
    PREVIOUS = "PREVIOUS"
    REFUSED = "REFUSED"
    RETIRED = "RETIRED"

    @property
    def word(self) -> str:
        """As shown to people."""
        return self.value.capitalize()


VERSION_MOVES: dict[VersionState, frozenset[VersionState]] = {
    VersionState.LOADING: frozenset({VersionState.READY, VersionState.REFUSED}),
    VersionState.READY: frozenset({VersionState.CURRENT, VersionState.REFUSED}),
    VersionState.CURRENT: frozenset({VersionState.PREVIOUS}),
    VersionState.PREVIOUS: frozenset({VersionState.RETIRED}),
    VersionState.REFUSED: frozenset(),
    VersionState.RETIRED: frozenset(),
}

"""Where a Device stands: its meter points and its UPRN, as long as they hold."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Meter points and UPRN of a Device; None is not known."""

    import_mpxn: str | None = None
    secondary_import_mpan: str | None = None
    export_mpan: str | None = None
    uprn: str | None = None

    def is_left_for(self, other: "Place") -> bool:
        """Whether the other place takes away or replaces something that this one has.

        Filling in what was not known completes a place; it does not leave it.
        """
        pairs = zip(astuple(self), astuple(other), strict=True)
        return any(mine is not None and mine != theirs for mine, theirs in pairs)

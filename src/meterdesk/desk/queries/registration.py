"""Registration data as the desk sees it: what is open, with the incidents raised."""

from dataclasses import dataclass

from meterdesk.identity.queries import organisations_of_kind
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.incidents.queries import raised_for_causes
from meterdesk.registration.queries import providers as registration


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """A trouble and the reference of its incident; empty where the reader may not see that."""

    trouble: registration.TroubleView
    incident: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open: troubles, refreshes, misaligned data, files that wait."""

    troubles: tuple[TroubleLine, ...]
    refreshes: tuple[registration.RefreshView, ...]
    misalignments: tuple[registration.MisalignmentView, ...]


def standing(actor: Actor, code: str = "", *, still_open: bool = True) -> Standing:
    """What is open of all providers or of one; with `still_open` False, what was as well.

    Raises NotAllowed.
    """
    found = registration.troubles(actor, code, still_open=still_open)
    references = raised_for_causes(actor, [f"registration {one.number}" for one in found])
    return Standing(
        tuple(TroubleLine(one, references.get(f"registration {one.number}", "")) for one in found),
        tuple(registration.refreshes(actor, code, still_open=still_open)),
        tuple(registration.misalignments(actor, code, still_open=still_open)),
    )


def organisation_choices() -> list[tuple[str, str]]:
    """Organisations that a provider may belong to, by name."""
    kinds = (OrganisationKind.PARTY, OrganisationKind.SERVICE_PROVIDER, OrganisationKind.OPERATOR)
    found = [one for kind in kinds for one in organisations_of_kind(kind)]
    return [(str(one.id), one.name) for one in sorted(found, key=lambda one: one.name)]

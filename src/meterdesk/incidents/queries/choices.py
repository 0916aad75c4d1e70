"""What the desk may choose from, and for whom a person may raise."""

from dataclasses import dataclass

from meterdesk.identity.queries import (
    OrganisationEntry,
    PersonEntry,
    UserIdEntry,
    desk_people,
    organisations_of_kind,
    user_id_entries,
)
from meterdesk.identity.rules import Actor, DeskPermission, OrganisationKind
from meterdesk.incidents.access import RAISE
from meterdesk.incidents.models import DeskGroup, InterestedParty


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group by number and name."""

    id: int
    name: str


def acting_for(actor: Actor) -> list[UserIdEntry]:
    """UserIds, own and granted, for which the person may raise incidents (SSI-FR-26)."""
    own_first = user_id_entries(actor.user_ids_for(RAISE)).values()
    return sorted(
        own_first, key=lambda one: (one.organisation_id != actor.organisation_id, one.eui)
    )


def groups_of(actor: Actor) -> list[GroupEntry]:
    """Groups of the actor's own organisation that incidents are assigned to."""
    if not actor.may_at_desk(DeskPermission.QUEUE):
        return []
    found = DeskGroup.objects.filter(organisation_id=actor.organisation_id).order_by("name")
    return [GroupEntry(one.pk, one.name) for one in found]


def assignees(actor: Actor) -> list[PersonEntry]:
    """People of the actor's own organisation who work the queue."""
    if not actor.may_at_desk(DeskPermission.QUEUE):
        return []
    return desk_people(actor.organisation_id)


@dataclass(frozen=True, slots=True)
class AllocationChoices:
    """To whom the desk may give responsibility for one incident."""

    operator: OrganisationEntry
    providers: tuple[OrganisationEntry, ...]
    parties: tuple[tuple[str, str], ...]


def allocation_choices(actor: Actor, reference: str) -> AllocationChoices:
    """The operator, its service providers, and the parties interested in the incident."""
    rows = (
        list(InterestedParty.objects.filter(incident__reference=reference).order_by("why"))
        if actor.sees_everything(DeskPermission.QUEUE)
        else []
    )
    entries = user_id_entries(one.user_id for one in rows)
    parties = tuple(
        (one.user_id, f"{entries[one.user_id].organisation_name} ({one.why.lower()})")
        for one in rows
        if one.user_id in entries
    )
    return AllocationChoices(
        operator=organisations_of_kind(OrganisationKind.OPERATOR)[0],
        providers=tuple(organisations_of_kind(OrganisationKind.SERVICE_PROVIDER)),
        parties=parties,
    )

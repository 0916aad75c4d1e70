"""Who can see what through which grant, for both sides and for the operator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meterdesk.identity.access import may_run_organisations
from meterdesk.identity.queries import (
    GrantRecord,
    Holder,
    IdleAssignment,
    grants_in_force,
    idle_assignments,
)
from meterdesk.identity.rules import Actor, UserRole
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.access import require_sharing
from meterdesk.organisations.models import SharingGrant


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One grant in force: whose data, open to whom, for how long, and who makes use of it.

    `holders` are named to their own organisation and to the operator; the other side, whose data
    it is, learns how many and in which roles. `sharing_id`: the sharing that made it.
    """

    granting: str
    granting_role: UserRole
    granting_organisation: str
    granted: str
    granted_role: UserRole
    granted_organisation: str
    active_from: datetime
    expires_at: datetime | None
    sharing_id: UUID | None
    is_ours: bool
    people: int
    roles: tuple[str, ...]
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class AccessOverview:
    """Who can see what through which grant, and roles that give nothing any more."""

    given: tuple[AccessRow, ...]
    received: tuple[AccessRow, ...]
    idle: tuple[IdleAssignment, ...]


def access_overview(actor: Actor, *, at: datetime) -> AccessOverview:
    """Grants of one's own organisation both ways; for the operator all, as given.

    Raises NotVisible for who may not know of sharings.
    """
    require_sharing(actor, at.astimezone(LONDON).date())
    everything = may_run_organisations(actor)
    mine = None if everything else actor.organisation_id
    grants = grants_in_force(at=at, organisation_id=mine)
    links = SharingGrant.objects.filter(grant__in=[one.id for one in grants])
    made_by = dict(links.values_list("grant", "sharing"))
    rows = [_access_row(one, made_by.get(one.id), mine) for one in grants]
    return AccessOverview(
        given=tuple(row for row in rows if everything or row.is_ours),
        received=tuple(row for row in rows if not everything and not row.is_ours),
        idle=() if mine is None else tuple(idle_assignments(mine, at=at)),
    )


def _access_row(one: GrantRecord, sharing_id: UUID | None, mine: int | None) -> AccessRow:
    roles = sorted({role for holder in one.holders for role in holder.job_type_roles})
    named = mine is None or one.granted_organisation_id == mine
    return AccessRow(
        granting=one.granting,
        granting_role=one.granting_role,
        granting_organisation=one.granting_organisation,
        granted=one.granted,
        granted_role=one.granted_role,
        granted_organisation=one.granted_organisation,
        active_from=one.active_from,
        expires_at=one.expires_at,
        sharing_id=sharing_id,
        is_ours=one.granting_organisation_id == mine,
        people=len(one.holders),
        roles=tuple(roles),
        holders=one.holders if named else (),
    )

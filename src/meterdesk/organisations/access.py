"""Who sees and changes organisations, officers and sharings.

Organisations: the operator's administrators. Sharings: the administrators and officers of the two
organisations, and the operator's administrators once one side has signed; to everybody else there
is no such sharing.
"""

from datetime import date

from django.db.models import Q

from meterdesk.identity.access import may_run_organisations
from meterdesk.identity.queries import organisation_record
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.organisations.models import Notification, Officer, Sharing
from meterdesk.organisations.rules import SharingState, Side

_ADMINISTRATION = "UC_OrgManager"


def require_operator(actor: Actor) -> None:
    """Raise NotAllowed unless the actor is one of the operator's administrators."""
    if not may_run_organisations(actor):
        raise NotAllowed("Only the operator's administrators do this.")


def require_party(organisation_id: int) -> None:
    """Raise NotVisible unless there is a SEC Party of that number that is not off-boarded."""
    record = organisation_record(organisation_id)
    if record.kind is not OrganisationKind.PARTY or record.closed_at is not None:
        raise NotVisible()


def in_office(on: date) -> Q:
    """Officers who are in office on that day."""
    return Q(active_from__lte=on) & (Q(active_until=None) | Q(active_until__gte=on))


def is_officer(actor: Actor, on: date) -> bool:
    """Whether the actor is an officer of the own organisation on that day, with this account."""
    mine = Officer.objects.filter(in_office(on), person_id=actor.person_id)
    return mine.filter(organisation_id=actor.organisation_id).exists()


def may_share(actor: Actor, on: date) -> bool:
    """Whether the actor acts for the own organisation in sharings: administrators and officers.

    A token that is limited to some functions does not make its person an officer.
    """
    if actor.may_use(_ADMINISTRATION):
        return True
    is_party = actor.organisation_kind is OrganisationKind.PARTY
    return is_party and not actor.is_narrowed and is_officer(actor, on)


def require_sharing(actor: Actor, on: date) -> None:
    """Raise NotVisible unless the actor may know of sharings at all."""
    if not (may_run_organisations(actor) or may_share(actor, on)):
        raise NotVisible()


def sharings_visible_to(actor: Actor, on: date) -> Q:
    """Sharings that the actor may know of."""
    if may_run_organisations(actor):
        return Q(proposed_at__isnull=False)
    if not may_share(actor, on):
        return Q(pk__in=[])
    mine = actor.organisation_id
    return Q(first_id=mine) | Q(second_id=mine, proposed_at__isnull=False)


def waiting_for(actor: Actor) -> Q:
    """Of the sharings that the actor may know of, those whose next step is theirs to take."""
    if may_run_organisations(actor):
        return Q(state=SharingState.VERIFYING)
    return Q(state=SharingState.PROPOSED, second_id=actor.organisation_id)


def notifications_visible_to(actor: Actor) -> Q:
    """Notifications of a visible sharing: one's own side's, and the others once signed."""
    signed = Q(state=Notification.State.SIGNED)
    return (
        signed if may_run_organisations(actor) else signed | Q(organisation=actor.organisation_id)
    )


def sides_of(actor: Actor, sharing: Sharing) -> frozenset[Side]:
    """What the actor is to a sharing that they may see."""
    if may_run_organisations(actor):
        return frozenset({Side.OPERATOR})
    sides = {sharing.first_id: Side.FIRST, sharing.second_id: Side.SECOND}
    return (
        frozenset({sides[actor.organisation_id]}) if actor.organisation_id in sides else frozenset()
    )

"""Who may see and change accounts: people of one's own organisation, for its administrators."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from meterdesk.identity.models import DeskAssignment, Person, RoleAssignment
from meterdesk.identity.rules import (
    Actor,
    DeskPermission,
    DeskRole,
    JobTypeRole,
    NetworkPart,
    OrganisationKind,
)

_PEOPLE = Q(kind="PERSON")


def administers(actor: Actor) -> bool:
    """Whether the actor administers accounts at all (SSI-NFR-25).

    UC_OrgManager counts on the organisation's own UserIds alone: the rights query gives it for no
    granted one, so that a grant opens data and never anybody's accounts.
    """
    return actor.sees_everything(DeskPermission.ACCOUNTS) or actor.may_use("UC_OrgManager")


def may_run_organisations(actor: Actor) -> bool:
    """Whether the actor takes organisations up, suspends and closes them: the operator's alone."""
    return actor.sees_everything(DeskPermission.ACCOUNTS)


def people_visible_to(actor: Actor) -> Q:
    """People whose accounts the actor administers.

    A party's administrators: their own organisation's. The operator's: its own staff and the
    resolvers of its service providers, who have no administrators, and nobody at a party (FSM-9).
    Service accounts are not people.
    """
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        own = Q(organisation_id=actor.organisation_id)
        return _PEOPLE & (own | Q(organisation__kind=OrganisationKind.SERVICE_PROVIDER))
    if actor.may_use("UC_OrgManager"):
        return _PEOPLE & Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def networks_visible_to(actor: Actor) -> Q:
    """Networks: an administrator's own organisation's; all of them for those who decide."""
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q()
    if actor.administers:
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def network_parts(actor: Actor, organisation_id: int) -> frozenset[NetworkPart]:
    """What the actor is to the networks of an organisation; nothing for everybody else."""
    parts = set()
    if actor.administers and actor.organisation_id == organisation_id:
        parts.add(NetworkPart.ADMINISTRATOR)
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        parts.add(NetworkPart.OPERATOR)
    return frozenset(parts)


def tokens_visible_to(actor: Actor) -> Q:
    """Tokens beside one's own that the actor may read about and revoke, by their owner."""
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q(pk__isnull=False)  # Q() beside another condition would say nothing
    if actor.administers:
        return Q(person__organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def service_accounts_managed_by(actor: Actor) -> Q:
    """Service accounts: of one's own organisation; the operator's administrators also look after
    those of organisations that have no administrators, its service providers.
    """
    service = Q(kind="SERVICE")
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return service & ~Q(organisation__kind=OrganisationKind.PARTY)
    if actor.administers:
        return service & Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def administrator_roles() -> Q:
    """People who hold a role that administers accounts, whatever the state of their own."""
    party = RoleAssignment.objects.filter(
        person=OuterRef("pk"),
        job_type_role=JobTypeRole.ORGANISATIONAL_ADMINISTRATOR,
        user_id__organisation_id=F("person__organisation_id"),
    )
    desk = DeskAssignment.objects.filter(person=OuterRef("pk"), desk_role=DeskRole.ADMINISTRATOR)
    return Q(Exists(party), Exists(desk), _connector=Q.OR)


def resettable_by(actor: Actor) -> Q:
    """People whose lost second factors the actor may reset, or ask to be reset.

    Those whose accounts one administers; for the operator's administrators also the one
    administrator of a party that has no other: nobody else could ask for it.
    """
    living = Q(kind=Person.Kind.PERSON) & ~Q(status=Person.Status.DELETED)
    visible = people_visible_to(actor) & living
    if not actor.sees_everything(DeskPermission.ACCOUNTS):
        return visible
    others = _able_administrators(OuterRef("organisation_id")).exclude(pk=OuterRef("pk"))
    alone = (
        administrator_roles() & Q(organisation__kind=OrganisationKind.PARTY) & Q(~Exists(others))
    )
    return visible | (alone & living)


def resets_visible_to(actor: Actor) -> Q:
    """Resets that wait for a second administrator: of people whose accounts the actor administers.

    For the operator's administrators also those of a party in which nobody is left to agree.
    """
    if not administers(actor):
        return Q(pk__in=[])
    if not actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q(person__organisation_id=actor.organisation_id)
    others = (
        _able_administrators(OuterRef("person__organisation_id"))
        .exclude(pk=OuterRef("person_id"))
        .exclude(pk=OuterRef("requested_by_id"))
    )
    is_party = Q(person__organisation__kind=OrganisationKind.PARTY)
    return ~is_party | (is_party & Q(~Exists(others)))


def _able_administrators(organisation_id: OuterRef) -> QuerySet[Person]:
    """Administrators of an organisation who can act: active, their first log-in finished."""
    return Person.objects.filter(
        administrator_roles(),
        organisation_id=organisation_id,
        status=Person.Status.ACTIVE,
        details_confirmed_at__isnull=False,
        by_provider=False,
    )

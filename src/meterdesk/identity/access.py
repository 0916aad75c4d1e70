"""Who may see and change accounts: people of one's own organisation, for its administrators."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission, NetworkPart, OrganisationKind

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

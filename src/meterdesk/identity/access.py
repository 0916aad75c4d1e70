"""Who may see and change accounts: people of one's own organisation, for its administrators."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission, OrganisationKind


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
    """
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q(organisation_id=actor.organisation_id) | Q(
            organisation__kind=OrganisationKind.SERVICE_PROVIDER
        )
    if actor.may_use("UC_OrgManager"):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])

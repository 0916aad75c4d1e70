"""Who may see and change accounts: people of one's own organisation, for its administrators."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission


def may_run_organisations(actor: Actor) -> bool:
    """Whether the actor takes organisations up, suspends and closes them: the operator's alone."""
    return actor.sees_everything(DeskPermission.ACCOUNTS)


def people_visible_to(actor: Actor) -> Q:
    """People an administrator may manage (SSI-NFR-25: Administration Users, own organisation)."""
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q()
    if actor.may_use("UC_OrgManager"):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])

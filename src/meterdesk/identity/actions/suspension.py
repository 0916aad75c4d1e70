"""Suspending organisations and UserIds, and closing an organisation for good.

The operator alone does it. Rights are read on each request, so that every step takes effect at
once, in open sessions and tokens too. Whom to tell, and the history, is the business of the app
`organisations`.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from meterdesk.identity.access import may_run_organisations
from meterdesk.identity.actions.networks import withdraw_networks_of
from meterdesk.identity.actions.sessions import end_sessions_of_people
from meterdesk.identity.events import OrganisationClosed
from meterdesk.identity.models import AccountLink, ApiToken, Organisation, Person, UserId
from meterdesk.identity.rules import Actor, OrganisationKind, SessionEnd, Suspension
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.platform import activity
from meterdesk.platform.events import emit

REASON_LONGEST = 500


@transaction.atomic
def suspend_organisation(
    actor: Actor,
    organisation_id: int,
    level: Suspension,
    reason: str,
    version: int,
    *,
    at: datetime,
) -> Suspension:
    """Set how far an organisation is suspended, NONE to lift it; returns how far it was.

    Args:
        reason: shown to the organisation's people; asked for unless the suspension is lifted.
        version: of the organisation, as the actor read it.

    Raises:
        NotAllowed: the actor does not run organisations.
        NotVisible: there is none of that number.
        Conflict: it is the operator itself, it is closed, or it stands so already.
        Stale: somebody else changed it.
        Refused: field reason, when it is missing or too long.
    """
    _require_right(actor)
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        raise NotVisible()
    if organisation.kind == OrganisationKind.OPERATOR:
        raise Conflict("The operator's own organisation cannot be suspended.")
    if organisation.closed_at is not None:
        raise Conflict(f"{organisation.name} is off-boarded: nobody of it has access.")
    before = _set(organisation, level, reason, version, at)
    activity.record(
        actor=actor,
        verb="identity.suspend_organisation",
        subject=organisation.name,
        at=at,
        organisation_id=organisation.pk,
        detail={"before": before, "after": level, "reason": reason.strip()},
    )
    return before


@transaction.atomic
def suspend_user_id(
    actor: Actor, eui: str, level: Suspension, reason: str, version: int, *, at: datetime
) -> Suspension:
    """Set how far a UserId is suspended, NONE to lift it; returns how far it was.

    Takes and raises what `suspend_organisation` does. It concerns everybody who holds a role on
    the UserId, people of organisations it is granted to included, and what is granted to it.
    """
    _require_right(actor)
    user_id = UserId.objects.select_for_update().filter(eui=eui).first()
    if user_id is None:
        raise NotVisible()
    before = _set(user_id, level, reason, version, at)
    activity.record(
        actor=actor,
        verb="identity.suspend_user_id",
        subject=user_id.eui,
        at=at,
        organisation_id=user_id.organisation_id,
        detail={"before": before, "after": level, "reason": reason.strip()},
    )
    return before


@transaction.atomic
def close_organisation(actor: Actor, organisation_id: int, version: int, *, at: datetime) -> int:
    """End every account and token of an organisation, and all access to its UserIds.

    The record stays. Returns how many accounts were ended. Raises what `suspend_organisation`
    does.
    """
    _require_right(actor)
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        raise NotVisible()
    if organisation.kind == OrganisationKind.OPERATOR:
        raise Conflict("The operator's own organisation cannot be off-boarded.")
    if organisation.version != version:
        raise Stale()
    if organisation.closed_at is not None:
        raise Conflict(f"{organisation.name} is off-boarded already.")
    organisation.closed_at = at
    organisation.version += 1
    organisation.save(update_fields=["closed_at", "version"])
    ended = _end_accounts(organisation.pk, actor, at)
    withdraw_networks_of(actor, organisation.pk, f"{organisation.name} is off-boarded", at=at)
    emit(OrganisationClosed(organisation.pk, actor, at))
    activity.record(
        actor=actor,
        verb="identity.close_organisation",
        subject=organisation.name,
        at=at,
        organisation_id=organisation.pk,
        detail={
            "before": {"closed_at": None},
            "after": {"closed_at": at.isoformat()},
            "accounts_ended": ended,
        },
    )
    return ended


@transaction.atomic
def reopen_organisation(actor: Actor, organisation_id: int, version: int, *, at: datetime) -> None:
    """Begin an off-boarded organisation's onboarding again: what was ended stays ended.

    Raises what `suspend_organisation` does.
    """
    _require_right(actor)
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        raise NotVisible()
    if organisation.version != version:
        raise Stale()
    if organisation.closed_at is None:
        raise Conflict(f"{organisation.name} is not off-boarded.")
    was, organisation.closed_at = organisation.closed_at.isoformat(), None
    organisation.version += 1
    organisation.save(update_fields=["closed_at", "version"])
    activity.record(
        actor=actor,
        verb="identity.reopen_organisation",
        subject=organisation.name,
        at=at,
        organisation_id=organisation.pk,
        detail={"before": {"closed_at": was}, "after": {"closed_at": None}},
    )


@transaction.atomic
def rename_organisation(
    actor: Actor, organisation_id: int, name: str, version: int, *, at: datetime
) -> None:
    """Correct an organisation's name. Raises NotAllowed, NotVisible, Stale."""
    _require_right(actor)
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        raise NotVisible()
    if organisation.version != version:
        raise Stale()
    before, organisation.name = organisation.name, name
    organisation.version += 1
    organisation.save(update_fields=["name", "version"])
    activity.record(
        actor=actor,
        verb="identity.rename_organisation",
        subject=name,
        at=at,
        organisation_id=organisation.pk,
        detail={"before": before, "after": name},
    )


def _require_right(actor: Actor) -> None:
    if not may_run_organisations(actor):
        raise NotAllowed("Only the operator's administrators do this.")


def _set(
    one: Organisation | UserId, level: Suspension, reason: str, version: int, at: datetime
) -> Suspension:
    given = reason.strip()
    if one.version != version:
        raise Stale()
    before = Suspension(one.suspension)
    if before is level:
        raise Conflict(f"It stands at “{level.word.lower()}” already.")
    if level is not Suspension.NONE and not given:
        message = "Enter the reason. The people concerned read it."
        raise Refused(message, fields={"reason": message})
    if len(given) > REASON_LONGEST:
        message = f"Enter at most {REASON_LONGEST} characters."
        raise Refused(message, fields={"reason": message})
    one.suspension = level
    one.suspension_reason = "" if level is Suspension.NONE else given
    one.suspended_at = None if level is Suspension.NONE else at
    one.version += 1
    one.save(update_fields=["suspension", "suspension_reason", "suspended_at", "version"])
    return before


def _end_accounts(organisation_id: int, actor: Actor, at: datetime) -> int:
    """End tokens, sessions, links and accounts, service accounts too; returns how many accounts."""
    mine = Person.objects.filter(organisation_id=organisation_id)
    ApiToken.objects.filter(person__in=mine, revoked_at=None).update(revoked_at=at)
    AccountLink.objects.filter(person__in=mine, ended_at=None).update(ended_at=at)
    people = mine.values_list("pk", flat=True)
    end_sessions_of_people(people, at=at, by=actor, why=SessionEnd.CREDENTIALS)
    alive = mine.exclude(status=Person.Status.DELETED)
    return alive.update(status=Person.Status.DELETED, version=F("version") + 1)

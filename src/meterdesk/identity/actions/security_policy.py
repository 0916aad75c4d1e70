"""What an organisation asks of its people's log-ins, decided by its administrators (audited)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from meterdesk.identity.access import administers, people_visible_to
from meterdesk.identity.actions.telling import by_whom, tell_administrators
from meterdesk.identity.models import Organisation, Person, SecurityPolicy
from meterdesk.identity.rules import (
    GRACE_LONGEST,
    SESSIONS_LONGEST,
    Actor,
    FactorKind,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused, Stale
from meterdesk.platform import activity


@transaction.atomic
def set_security_policy(
    actor: Actor,
    allowed: Iterable[FactorKind],
    grace_days: int,
    sessions_most: int,
    version: int,
    *,
    at: datetime,
) -> None:
    """Decide which second factors the actor's organisation takes, and how many sessions.

    Who has only kinds that are no longer allowed is given the days of grace, counted from a change
    of the kinds, and is then asked for another one before anything else.

    Args:
        version: as it was read; 0 when the organisation had not decided anything yet.

    Raises NotAllowed, Stale, Refused with fields.
    """
    if not administers(actor):
        raise NotAllowed()
    kinds = sorted({FactorKind(kind) for kind in allowed})
    mistakes = _mistakes(kinds, grace_days, sessions_most)
    if mistakes:
        raise Refused("Nothing was changed. Mend what is marked.", fields=mistakes)
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    row = SecurityPolicy.objects.filter(organisation=organisation).first()
    if (row.version if row else 0) != version:
        raise Stale()
    row = row or SecurityPolicy(organisation=organisation, version=0)
    before = _facts(row)
    if sorted(row.allowed_kinds) != kinds:
        row.decided_at = at
    row.allowed_kinds = [kind.value for kind in kinds]
    row.grace_days, row.sessions_most = grace_days, sessions_most
    if _facts(row) == before and version:
        return
    row.version = version + 1
    row.save()
    activity.record(
        actor=actor,
        verb="identity.set_security_policy",
        subject=organisation.name,
        at=at,
        detail={"before": before, "after": _facts(row)},
    )
    words = ", ".join(kind.title.lower() for kind in kinds)
    tell_administrators(
        organisation,
        "What log-ins ask for was changed",
        [
            f"{by_whom(actor)} decided: second factors {words}; {grace_days} days of grace; "
            f"at most {sessions_most} sessions for a person."
        ],
        at=at,
        but=[actor.person_id],
    )


@transaction.atomic
def limit_sessions(
    actor: Actor, person_id: int, most: int | None, version: int, *, at: datetime
) -> None:
    """Let one person have more sessions open, or fewer, than the organisation says.

    Args:
        most: None for what the organisation says.

    Raises NotVisible for people whom the actor does not administer, Stale, Refused.
    """
    person = (
        Person.objects.select_for_update().filter(people_visible_to(actor), pk=person_id).first()
    )
    if person is None:
        raise NotVisible()
    if person.version != version:
        raise Stale()
    if most is not None and not 1 <= most <= SESSIONS_LONGEST:
        message = f"Enter a number from 1 to {SESSIONS_LONGEST}, or nothing."
        raise Refused(message, fields={"sessions_most": message})
    if person.sessions_most == most:
        return
    before, person.sessions_most = person.sessions_most, most
    person.version += 1
    person.save(update_fields=["sessions_most", "version"])
    activity.record(
        actor=actor,
        verb="identity.limit_sessions",
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
        detail={"before": before, "after": most},
    )


def _mistakes(kinds: list[FactorKind], grace_days: int, sessions_most: int) -> dict[str, str]:
    mistakes = {}
    if not kinds:
        mistakes["allowed"] = "Allow at least one kind: every log-in asks for a second factor."
    if not 0 <= grace_days <= GRACE_LONGEST:
        mistakes["grace_days"] = f"Enter a number of days from 0 to {GRACE_LONGEST}."
    if not 1 <= sessions_most <= SESSIONS_LONGEST:
        mistakes["sessions_most"] = f"Enter a number from 1 to {SESSIONS_LONGEST}."
    return mistakes


def _facts(row: SecurityPolicy) -> dict[str, object]:
    return {
        "allowed": list(row.allowed_kinds),
        "grace_days": row.grace_days,
        "sessions_most": row.sessions_most,
    }

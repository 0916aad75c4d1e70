"""What is verified before a sharing is activated (SSI-NFR-28, 29)."""

from collections.abc import Iterator
from datetime import datetime

from meterdesk.identity.queries import grants_in_force, organisation_record
from meterdesk.identity.rules import Suspension
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.rules import Check, OfficerKind, is_in_office


def checks_of(sharing: Sharing, *, at: datetime) -> tuple[Check, ...]:
    """Every check with what was found. Unlimited: for the operator's screens and actions."""
    signed = Notification.objects.select_related("officer", "organisation").filter(
        sharing=sharing, state=Notification.State.SIGNED, kind=Notification.Kind.GRANT
    )
    by_side = {one.organisation_id: one for one in signed}
    first, second = by_side.get(sharing.first_id), by_side.get(sharing.second_id or 0)
    return (
        *_of_side(sharing.first.name, sharing.first_id, sharing.first_user_ids, first, at),
        *_of_side(
            sharing.second.name if sharing.second else sharing.second_name,
            sharing.second_id,
            sharing.second_user_ids,
            second,
            at,
        ),
        _match(first, second),
        _still_ahead(sharing, at),
        _not_yet_shared(sharing, at),
    )


def _of_side(
    name: str,
    organisation_id: int | None,
    euis: list[str],
    signed: Notification | None,
    at: datetime,
) -> Iterator[Check]:
    record = organisation_record(organisation_id) if organisation_id else None
    theirs = {one.eui for one in record.user_ids} if record else set()
    foreign = sorted(set(euis) - theirs)
    yield Check(
        f"The UserIds are those of {name}",
        not foreign,
        "All of them are." if not foreign else f"Not known as theirs: {', '.join(foreign)}.",
    )
    open_to_all = record is not None and record.closed_at is None
    free = open_to_all and record is not None and record.suspension is Suspension.NONE
    yield Check(
        f"{name} is active", free, "It is." if free else "Suspended, off-boarded or unknown."
    )
    if signed is None:
        yield Check(f"The notification of {name} is signed", False, "Not signed yet.")
        return
    yield Check(f"The notification of {name} is signed", True, f"{signed.signer}.")
    officer, today = signed.officer, at.astimezone(LONDON).date()
    holds = (
        officer.kind == OfficerKind.SRO
        and officer.organisation_id == organisation_id
        and is_in_office(officer.active_from, officer.active_until, today)
    )
    found = f"{officer.name}, {OfficerKind(officer.kind).title}, of {signed.organisation.name}"
    yield Check(
        f"The officer of {name} is in office", holds, f"{found}{'' if holds else ': not now'}."
    )


def _match(first: Notification | None, second: Notification | None) -> Check:
    holds = (
        first is not None
        and second is not None
        and sorted(first.own_user_ids) == sorted(second.other_user_ids)
        and sorted(first.other_user_ids) == sorted(second.own_user_ids)
    )
    return Check(
        "Both notifications name the same UserIds",
        holds,
        "They do." if holds else "Both sides must name the same UserIds.",
    )


def _still_ahead(sharing: Sharing, at: datetime) -> Check:
    today = at.astimezone(LONDON).date()
    holds = sharing.until is None or sharing.until >= today
    return Check(
        "Its last day has not passed",
        holds,
        "It has none." if sharing.until is None else f"{sharing.until:%d %B %Y}.",
    )


def _not_yet_shared(sharing: Sharing, at: datetime) -> Check:
    first, second = set(sharing.first_user_ids), set(sharing.second_user_ids)
    among = grants_in_force(at=at, euis=first | second)
    crossing = [one for one in among if (one.granting in first) != (one.granted in first)]
    return Check(
        "No grant between these UserIds is in force yet",
        not crossing or sharing.activated_at is not None,
        "None is." if not crossing else f"{len(crossing)} in force: rescind them first.",
    )

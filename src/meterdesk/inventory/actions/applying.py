"""Applying a version of the products list to the Devices in the field (INV-5).

Never by itself: a list that was cut short would suspend a country. The operator looks at what it
would do, and says so.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.actions.changing import Origin, change_statuses
from meterdesk.inventory.queries.versions import comparison, concerned, list_versions
from meterdesk.inventory.rules import Accepted, DeviceStatus, StatusRequest
from meterdesk.kernel.errors import Conflict, NotAllowed
from meterdesk.platform import activity, jobs

CHUNK: Final = 2_000
FIRST: Final = -(1 << 63)


@transaction.atomic
def apply_products_list(actor: Actor, version: str, *, at: datetime) -> None:
    """Have Devices suspended whose model left the list, and restored whose model came back.

    The newest version alone can be applied. It is done in the background, a part at a time.

    Raises NotAllowed without the desk permission INTAKE, NotVisible for an unknown version,
    Conflict when there is a newer one or nothing to do.
    """
    if not (actor.is_operator and actor.may_at_desk(DeskPermission.INTAKE)):
        raise NotAllowed("Only the operator's administrators apply a products list.")
    found = comparison(actor, version)
    if found.after != list_versions()[0]:
        raise Conflict("There is a newer version of the products list. Apply that one.")
    if not found.to_suspend and not found.to_restore:
        raise Conflict("There is nothing to do: no Device is concerned.")
    activity.record(
        actor=actor,
        verb="inventory.apply_products_list",
        subject=f"products list {version}",
        at=at,
        detail={
            "against": found.before.version,
            "to_suspend": found.to_suspend,
            "to_restore": found.to_restore,
        },
    )
    jobs.defer(
        "inventory.apply_products_list",
        before=found.before.version,
        after=version,
        person_id=actor.person_id,
        at=at.isoformat(),
    )


def carry_out_products_list(
    before: str, after: str, person_id: int, *, at: datetime, now: datetime
) -> int:
    """Change the Devices that a version concerns, a part a transaction; returns how many changed.

    Run again, it goes on with those that are left.
    """
    changed = 0
    reason = f"Version {after} of the products list"
    for held, wanted in (
        (DeviceStatus.COMMISSIONED, DeviceStatus.SUSPENDED),
        (DeviceStatus.SUSPENDED, DeviceStatus.COMMISSIONED),
    ):
        last = FIRST
        while ids := concerned(before, after, held, last, CHUNK):
            requests = [StatusRequest(one, wanted, at, reason) for one in ids]
            with transaction.atomic():
                answers = change_statuses(requests, Origin(person_id=person_id), at=now)
            changed += sum(isinstance(one, Accepted) for one in answers)
            last = ids[-1]
    return changed

"""Applying a version of the products list to the Devices in the field (INV-5).

Never by itself: a list that was cut short would suspend a country. The operator looks at what it
would do, and says so.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.actions.changing import Origin, change_statuses
from meterdesk.inventory.queries.versions import concerned, models_concerned, outstanding, versions
from meterdesk.inventory.rules import Accepted, DeviceStatus, StatusRequest
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible
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
    if version not in {one.version for one in versions(actor)}:
        raise NotVisible("There is no such version of the products list.")
    found = outstanding(actor)
    if found is None or found.version.version != version:
        raise Conflict("There is a newer version of the products list. Apply that one.")
    if not found.models:
        raise Conflict("There is nothing to do: no Device is concerned.")
    activity.record(
        actor=actor,
        verb="inventory.apply_products_list",
        subject=f"products list {version}",
        at=at,
        detail={"to_suspend": found.to_suspend, "to_restore": found.to_restore},
    )
    jobs.defer(
        "inventory.apply_products_list",
        version=version,
        person_id=actor.person_id,
        at=at.isoformat(),
    )


def carry_out_products_list(version: str, person_id: int, *, at: datetime, now: datetime) -> int:
    """Change the Devices that a version concerns, a part a transaction; returns how many changed.

    Run again, it goes on with those that are left.
    """
    changed = 0
    reason = f"Version {version} of the products list"
    for model in models_concerned(version):
        wanted = DeviceStatus.SUSPENDED if model.leaves else DeviceStatus.COMMISSIONED
        last = FIRST
        while ids := concerned(model, last, CHUNK):
            requests = [StatusRequest(one, wanted, at, reason) for one in ids]
            with transaction.atomic():
                answers = change_statuses(requests, Origin(person_id=person_id), at=now)
            changed += sum(isinstance(one, Accepted) for one in answers)
            last = ids[-1]
    return changed

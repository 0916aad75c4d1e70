"""What an administrator does to accounts."""

from datetime import datetime

from django.db import transaction

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.actions.log_in import forget_failures
from meterdesk.identity.models import Person
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotVisible, Stale
from meterdesk.platform import activity


@transaction.atomic
def unlock_person(actor: Actor, person_id: int, version: int, *, at: datetime) -> str:
    """Lift the lock of an account (SSI-FR-60); returns its username.

    Raises NotVisible for people whom the actor does not administer, Stale when the account has
    changed since it was read, Conflict when it is not locked.
    """
    person = (
        Person.objects.select_for_update().filter(people_visible_to(actor), pk=person_id).first()
    )
    if person is None:
        raise NotVisible()
    if person.version != version:
        raise Stale()
    if person.status != Person.Status.LOCKED:
        raise Conflict("This account is not locked.")
    person.status = Person.Status.ACTIVE
    person.locked_at = None
    person.version += 1
    person.save(update_fields=["status", "locked_at", "version"])
    forget_failures(person.username)
    activity.record(
        actor=actor,
        verb="identity.unlock",
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
    )
    return person.username

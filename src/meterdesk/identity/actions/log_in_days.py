"""What a log-in leaves behind on the account: a day's count, and a first password used up."""

from datetime import datetime

from django.db import connection
from django.db.models import F

from meterdesk.identity.models import Person
from meterdesk.identity.rules.accounts import first_password_is_over, log_in_day
from meterdesk.kernel.errors import NotAllowed

_COUNT = """
insert into identity_loginday (person_id, day, count) values (%s, %s, 1)
on conflict (person_id, day) do update set count = identity_loginday.count + 1
"""


def note_log_in(person_id: int, *, at: datetime) -> None:
    """Keep when a person logged in, and when before that, and count it on its day in London."""
    Person.objects.filter(pk=person_id).update(previous_login_at=F("last_login"), last_login=at)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [person_id, log_in_day(at)])


def use_up_first_password(person: Person, *, at: datetime) -> None:
    """A password that an administrator handed over has worked once: it is over from now on.

    Call with the person's row held. Raises NotAllowed when it was over already: of two log-ins
    with it at once, one is too late.
    """
    if not person.must_set_password or person.password_expires_at is None:
        return
    if first_password_is_over(must_set_password=True, expires_at=person.password_expires_at, at=at):
        raise NotAllowed("This password was used or has run out. Ask for another one.")
    person.password_expires_at = at
    person.save(update_fields=["password_expires_at"])

"""The first log-in: a new password, the details of SSI-FR-1, an authenticator."""

from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from meterdesk.identity.actions.sessions import end_sessions_of
from meterdesk.identity.models import Person
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Refused
from meterdesk.platform import activity


def set_password(request: HttpRequest, actor: Actor, password: str, *, at: datetime) -> None:
    """Set a new password; other sessions of the person end, this one goes on (SSI-NFR-11).

    Raises Refused, field password, when it is too weak or the one in use.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=actor.person_id)
        mistakes = password_mistakes(person, password)
        if mistakes:
            raise Refused(mistakes[0], fields={"password": " ".join(mistakes)})
        given = "for one use" if person.must_set_password else "the person's own"
        person.set_password(password)
        person.must_set_password = False
        person.password_expires_at = None
        person.version += 1
        person.save(
            update_fields=["password", "must_set_password", "password_expires_at", "version"]
        )
        ended = end_sessions_of(person.pk, at=at, by=actor, but=request.session.get(REGISTER))
        activity.record(
            actor=actor,
            verb="identity.set_password",
            subject=person.username,
            at=at,
            detail={
                "before": {"password": given},
                "after": {"password": "the person's own, another one"},
                "other_sessions_ended": ended,
            },
        )
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()


def password_mistakes(person: Person, password: str) -> list[str]:
    """What is wrong with a new password, in sentences."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        return list(error.messages)
    if person.check_password(password):
        return ["Choose a password other than the one you were given."]
    return []

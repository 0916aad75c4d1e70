"""Sessions: begun after whatever proved the person, kept in the register, ended."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.actions.log_in_days import note_log_in, use_up_first_password
from meterdesk.identity.actions.networks import refused_here
from meterdesk.identity.actions.telling import tell_person
from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.queries.factors import policy_entry
from meterdesk.identity.queries.sessions import ASSERTION, REGISTER, open_at
from meterdesk.identity.rules import (
    SESSION_HISTORY,
    SESSION_LENGTH,
    Actor,
    Proof,
    SessionEnd,
    Suspension,
    device_words,
    suspension_message,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.platform import activity
from meterdesk.platform.web.moments import moment_words

_SECURITY_PAGE = "/profile/security/"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class SessionBegun:
    """Who is logged in, for whom, and when they last did so (SSI-FR-1a)."""

    display_name: str
    organisation_name: str
    previous_login_at: datetime | None


def begin_session(
    request: HttpRequest,
    person_id: int,
    *,
    proofs: Iterable[Proof],
    at: datetime,
    ends_at: datetime | None = None,
    provider: str = "",
    assertion: Mapping[str, Any] | None = None,
) -> SessionBegun:
    """Begin a fresh session of this person, who has proved who they are.

    The session's key is new, so that one known before opens nothing.

    Args:
        proofs: what the person gave; Proof.PROVIDER alone when an identity provider vouches for
            them, who then needs neither password nor second factor here.
        ends_at: when it ends at the latest; 8.5 hours from now at most (SSI-NFR-6, 19).
        provider: the identity provider's name.
        assertion: what it asserted, as JSON: provider_id, roles, user_ids, name_id.

    Raises:
        NotAllowed: the account is not active, or the organisation has no access, or none from
            this network: only now that the person has proved who they are do they learn why.
    """
    refused = refused_here(person_id, request.META.get("REMOTE_ADDR", ""), at=at)
    if refused is not None:
        raise refused
    row = LogInSession(
        begun_at=at,
        active_at=at,
        proved_at=at,
        ends_at=min(ends_at or at + SESSION_LENGTH, at + SESSION_LENGTH),
        address=_address_of(request),
        device=device_words(request.headers.get("User-Agent", "")),
        proofs=list(proofs),
        provider=provider,
    )
    person = _register(row, person_id, at)
    previous = person.last_login
    request.session.flush()
    login(request, person, backend=_BACKEND)
    request.session[REGISTER] = row.pk
    if assertion is not None:
        request.session[ASSERTION] = dict(assertion)
    request.session.set_expiry(row.ends_at)
    return SessionBegun(person.display_name, person.organisation.name, previous)


@transaction.atomic
def _register(row: LogInSession, person_id: int, at: datetime) -> Person:
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(pk=person_id, status=Person.Status.ACTIVE, kind=Person.Kind.PERSON)
        .first()
    )
    if person is None:
        raise NotAllowed("This account is locked or deleted. Ask your administrator.")
    level = Suspension(person.organisation.suspension)
    if level is Suspension.NOTHING:
        message = suspension_message(level, person.organisation.suspension_reason)
        raise NotAllowed(message, code="suspended")
    if Proof.PASSWORD in row.proofs:
        use_up_first_password(person, at=at)
    note_log_in(person.pk, at=at)
    row.person = person
    _make_room(row, at)
    _tell_of_new_device(row, at)
    row.save()
    activity.record(
        actor=activity.By(person.pk, person.username, person.organisation_id),
        verb="identity.log_in",
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
        detail={"proofs": row.proofs, "provider": row.provider, "address": row.address},
    )
    return person


def _make_room(row: LogInSession, at: datetime) -> None:
    """End the oldest open sessions of a person who would have more than may be open."""
    person = row.person
    most = person.sessions_most
    if most is None:
        most = policy_entry(person.organisation_id).sessions_most
    still_open = LogInSession.objects.filter(open_at(at), person=person)
    kept = list(still_open.order_by("-active_at", "-pk").values_list("pk", flat=True)[: most - 1])
    _end(still_open.exclude(pk__in=kept), None, SessionEnd.TOO_MANY, at)


def _tell_of_new_device(row: LogInSession, at: datetime) -> None:
    """Write to a person whose log-in comes from a device and address not seen before.

    Not at the first log-in of all, when everything is new.
    """
    before = LogInSession.objects.filter(person=row.person)
    seen = before.filter(device=row.device, address=row.address)
    if seen.exists() or not before.exists():
        return
    tell_person(
        row.person,
        "A log-in to Meterdesk from a new device",
        [
            f"Your account was logged in to with {row.device}, from the address "
            f"{row.address or 'unknown'}, on {moment_words(at)}.",
            "If it was you, there is nothing to do. If not, end that session on the page "
            f"{settings.PUBLIC_URL}{_SECURITY_PAGE} and change your password.",
        ],
        at=at,
    )


def note_activity(session_id: int, *, at: datetime) -> None:
    """The person did something: the idle limit counts from here (SSI-NFR-20)."""
    LogInSession.objects.filter(pk=session_id, active_at__lt=at).update(active_at=at)


def forget_session(request: HttpRequest) -> None:
    """Forget a session that is over."""
    logout(request)


def end_session(request: HttpRequest, actor: Actor, *, at: datetime) -> None:
    """Log out: end the session and forget everything in it."""
    with transaction.atomic():
        LogInSession.objects.filter(
            pk=request.session.get(REGISTER, 0), person_id=actor.person_id, ended_at=None
        ).update(ended_at=at, ended_why=SessionEnd.LOGGED_OUT)
        activity.record(actor=actor, verb="identity.log_out", subject=actor.username, at=at)
    logout(request)


def end_sessions_of(
    person_id: int,
    *,
    at: datetime,
    by: Actor | None = None,
    but: int | None = None,
    why: SessionEnd = SessionEnd.CREDENTIALS,
) -> int:
    """End every open session of a person at once; returns how many were open.

    Args:
        by: who asked for it; None for the system itself.
        but: a session, by its number in the register, that goes on.
    """
    return _end(LogInSession.objects.filter(~Q(pk=but), person_id=person_id), by, why, at)


def end_sessions_of_people(
    person_ids: Iterable[int], *, at: datetime, by: Actor | None, why: SessionEnd
) -> int:
    """End every open session of several people at once; returns how many were open."""
    return _end(LogInSession.objects.filter(person_id__in=list(person_ids)), by, why, at)


@transaction.atomic
def end_own_sessions(
    actor: Actor, this: int, session_id: int | None = None, *, at: datetime
) -> int:
    """End one of the actor's sessions, or all but this one; returns how many were open.

    Raises NotVisible for a session that is not the actor's.
    """
    rows = LogInSession.objects.filter(person_id=actor.person_id)
    if session_id is not None and not rows.filter(pk=session_id).exists():
        raise NotVisible()
    chosen = rows.exclude(pk=this) if session_id is None else rows.filter(pk=session_id)
    return _end_and_record(chosen, actor, actor.username, actor.organisation_id, at)


@transaction.atomic
def end_persons_sessions(
    actor: Actor, person_id: int, session_id: int | None = None, *, at: datetime
) -> int:
    """End one session, or every one, of somebody whom the actor administers.

    Raises NotVisible for people and sessions that are not theirs to end.
    """
    person = Person.objects.filter(people_visible_to(actor), pk=person_id).first()
    if person is None:
        raise NotVisible()
    rows = LogInSession.objects.filter(person=person)
    if session_id is not None:
        rows = rows.filter(pk=session_id)
        if not rows.exists():
            raise NotVisible()
    return _end_and_record(rows, actor, person.username, person.organisation_id, at)


def _end_and_record(
    rows: Any, actor: Actor, username: str, organisation_id: int, at: datetime
) -> int:
    ended = _end(rows, actor, SessionEnd.ENDED, at)
    if ended:
        activity.record(
            actor=actor,
            verb="identity.end_sessions",
            subject=username,
            at=at,
            organisation_id=organisation_id,
            detail={"before": {"open": ended}, "after": {"open": 0}},
        )
    return ended


def _end(rows: Any, by: Actor | None, why: SessionEnd, at: datetime) -> int:
    ended: int = rows.filter(ended_at=None, ends_at__gt=at).update(
        ended_at=at, ended_by_id=by.person_id if by else None, ended_why=why
    )
    return ended


def forget_old_sessions(*, at: datetime) -> int:
    """Drop from the register what ended longer ago than it is kept; returns how many."""
    return LogInSession.objects.filter(ends_at__lt=at - SESSION_HISTORY).delete()[0]


def _address_of(request: HttpRequest) -> str | None:
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None

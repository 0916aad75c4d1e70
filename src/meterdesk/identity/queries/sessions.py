"""The register of sessions: whose a request is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.crypto import constant_time_compare

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.models import LogInSession, Person, SecondFactor
from meterdesk.identity.queries.factors import policy_of
from meterdesk.identity.queries.networks import ADMITS, enforced_address
from meterdesk.identity.rules import (
    IDLE_LENGTH,
    Actor,
    FactorKind,
    Proof,
    SessionEnd,
    SessionLimit,
    SetUpStep,
)
from meterdesk.kernel.errors import NotVisible

REGISTER: Final = "log_in"
"""The key under which a browser's session names its entry in the register."""
ASSERTION: Final = "assertion"
"""The key of what an identity provider asserted, in a session that one vouches for."""
_ADMITTED: Final = ADMITS.format(organisation='"identity_person"."organisation_id"', address="%s")


EARLIER = 10
"""Log-ins shown besides the open ones."""
_KINDS: Final = SecondFactor.objects.filter(person=OuterRef("person_id")).values("kind")


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is good now.

    Attributes:
        person: active, with the organisation.
        proved_at: when the person last gave a proof (aware UTC).
        set_up_step: what of the first log-in is still to do.
        factor_due: when a second factor of an allowed kind is demanded of a person who has only
            others (aware UTC).
        vouched_for: an identity provider vouches for the person, who has no factors here.
        provider: that provider's name; empty for a log-in of one's own.
        assertion: what the identity provider asserted, for a session it vouches for: provider_id,
            roles, user_ids, name_id.
        is_admitted: the person's organisation is approved for the caller's address (FSM-12).
    """

    id: int
    person: Person
    limit: SessionLimit
    proved_at: datetime
    set_up_step: SetUpStep | None
    factor_due: datetime | None
    vouched_for: bool
    provider: str
    assertion: Mapping[str, Any] | None
    is_admitted: bool


def open_session(
    session: Mapping[str, Any], *, at: datetime, address: str = ""
) -> OpenSession | None:
    """The session if it stands in the register and is not over, its person active. One query.

    A session begun before the password was changed is nobody's, nor is one that was ended from
    elsewhere, or idle for 15 minutes.
    """
    register, person_id = session.get(REGISTER), session.get(SESSION_KEY)
    if not isinstance(register, int) or not isinstance(person_id, str) or not person_id.isdigit():
        return None
    row = (
        LogInSession.objects.select_related("person__organisation__security_policy")
        .annotate(
            kinds=ArraySubquery(_KINDS),
            admitted=RawSQL(_ADMITTED, [enforced_address(address)]),  # noqa: S611  a constant
        )
        .filter(
            pk=register,
            person_id=int(person_id),
            person__status=Person.Status.ACTIVE,
        )
        .filter(open_at(at))
        .first()
    )
    if row is None or not constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), row.person.get_session_auth_hash()
    ):
        return None
    held = [FactorKind(kind) for kind in getattr(row, "kinds", ())]
    vouched_for = Proof.PROVIDER in row.proofs
    policy = policy_of(getattr(row.person.organisation, "security_policy", None))
    return OpenSession(
        id=row.pk,
        person=row.person,
        limit=SessionLimit(row.ends_at, row.active_at),
        proved_at=row.proved_at,
        set_up_step=_set_up_step(
            row.person, vouched_for=vouched_for, has_factor=policy.is_met(held, at)
        ),
        factor_due=None if vouched_for else policy.due(held),
        vouched_for=vouched_for,
        provider=row.provider,
        assertion=session.get(ASSERTION),
        is_admitted=row.admitted or not settings.METERDESK_ENFORCE_NETWORKS,
    )


def _set_up_step(person: Person, *, vouched_for: bool, has_factor: bool) -> SetUpStep | None:
    """Whom an identity provider vouches for has neither password nor second factor here."""
    if person.must_set_password and not vouched_for:
        return SetUpStep.PASSWORD
    if person.details_confirmed_at is None:
        return SetUpStep.DETAILS
    return None if vouched_for or has_factor else SetUpStep.AUTHENTICATOR


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A log-in as the register shows it; times are aware UTC.

    Attributes:
        how: what proved the person, in words.
        is_open: it can still be used.
        is_this: it is the one that asks.
        ended: why and when it ended, for one that is over.
    """

    id: int
    device: str
    address: str
    begun_at: datetime
    active_at: datetime
    how: str
    is_open: bool
    is_this: bool
    ended_at: datetime | None
    ended_why: str


def own_sessions(actor: Actor, this: int, *, at: datetime) -> list[SessionEntry]:
    """The actor's log-ins: the open ones first, then the latest others."""
    return _entries(actor.person_id, this, at)


def sessions_of(actor: Actor, person_id: int, *, at: datetime) -> list[SessionEntry]:
    """The log-ins of somebody whom the actor administers. Raises NotVisible."""
    if not Person.objects.filter(people_visible_to(actor), pk=person_id).exists():
        raise NotVisible()
    return _entries(person_id, None, at)


def _entries(person_id: int, this: int | None, at: datetime) -> list[SessionEntry]:
    rows = LogInSession.objects.filter(person_id=person_id).order_by("-begun_at", "-pk")
    still_open = rows.filter(open_at(at))
    entries = [_entry(row, this, at) for row in still_open]
    return entries + [_entry(row, this, at) for row in rows.exclude(open_at(at))[:EARLIER]]


def open_at(at: datetime) -> Q:
    """Sessions that can be used at this time."""
    return Q(ended_at=None, ends_at__gt=at, active_at__gt=at - IDLE_LENGTH)


def _entry(row: LogInSession, this: int | None, at: datetime) -> SessionEntry:
    limit = SessionLimit(row.ends_at, row.active_at)
    over_at = row.ended_at or min(limit.ends_at, limit.idle_ends_at)
    is_open = row.ended_at is None and over_at > at
    why = SessionEnd(row.ended_why).title if row.ended_why else "Nothing done for 15 minutes"
    if not row.ended_why and limit.ends_at <= limit.idle_ends_at:
        why = "Its time was over"
    return SessionEntry(
        id=row.pk,
        device=row.device,
        address=row.address or "unknown",
        begun_at=row.begun_at,
        active_at=row.active_at,
        how=row.provider or ", ".join(Proof(proof).title for proof in row.proofs),
        is_open=is_open,
        is_this=row.pk == this,
        ended_at=None if is_open else over_at,
        ended_why="" if is_open else why,
    )


@dataclass(frozen=True, slots=True)
class LogIn:
    """The log-in that a session rests on (aware UTC); `proofs` are values of rules.Proof."""

    person_id: int
    begun_at: datetime
    ends_at: datetime
    proofs: tuple[str, ...]


def log_in_of(session: Mapping[str, Any]) -> LogIn | None:
    """The log-in of a session that the request was admitted with."""
    found = LogInSession.objects.filter(pk=session.get(REGISTER, 0), ended_at=None).first()
    if found is None:
        return None
    return LogIn(found.person_id, found.begun_at, found.ends_at, tuple(found.proofs))


def sessions_most(person_id: int) -> int | None:
    """How many sessions a person may have open; None for what the organisation says."""
    return Person.objects.values_list("sessions_most", flat=True).get(pk=person_id)

"""Second factors: one's own, and what a log-in takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.models import (
    ApiToken,
    FactorReset,
    Person,
    SecondFactor,
    SecurityPolicy,
)
from meterdesk.identity.rules import (
    PROOF_FRESH,
    SESSIONS_DEFAULT,
    Actor,
    FactorKind,
    FactorPolicy,
    ResetState,
    Totp,
)
from meterdesk.kernel.errors import NotVisible
from meterdesk.platform import secrets


@dataclass(frozen=True, slots=True)
class FactorEntry:
    """A second factor without its secret; `is_allowed`: by the organisation's policy."""

    id: int
    kind: FactorKind
    name: str
    created_at: datetime
    last_used_at: datetime | None
    version: int
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """What an organisation asks of its people's log-ins."""

    allowed: frozenset[FactorKind]
    grace_days: int
    demanded_from: datetime | None
    sessions_most: int
    version: int


@dataclass(frozen=True, slots=True)
class RecoveryCodesLeft:
    """How many recovery codes are unused, of how many; `unseen`: they are still to be kept."""

    left: int
    of: int
    unseen: bool


def policy_entry(organisation_id: int) -> PolicyEntry:
    """The policy of an organisation, its defaults when it has set none."""
    row = SecurityPolicy.objects.filter(pk=organisation_id).first()
    policy = policy_of(row)
    return PolicyEntry(
        policy.allowed,
        row.grace_days if row else 14,
        policy.demanded_from,
        row.sessions_most if row else SESSIONS_DEFAULT,
        row.version if row else 0,
    )


def policy_of(row: SecurityPolicy | None) -> FactorPolicy:
    """The policy as rules read it."""
    if row is None:
        return FactorPolicy()
    demanded = row.decided_at + timedelta(days=row.grace_days) if row.decided_at else None
    return FactorPolicy(frozenset(FactorKind(kind) for kind in row.allowed_kinds), demanded)


def policy_of_person(person_id: int) -> FactorPolicy:
    """The policy of the person's organisation."""
    return policy_of(SecurityPolicy.objects.filter(organisation__people=person_id).first())


def kinds_held(person_id: int) -> list[FactorKind]:
    """The kind of each factor of a person."""
    held = SecondFactor.objects.filter(person_id=person_id).values_list("kind", flat=True)
    return [FactorKind(kind) for kind in held]


def accepted_kinds(person_id: int) -> frozenset[FactorKind]:
    """The kinds that a log-in takes from this person now."""
    return policy_of_person(person_id).accepted(kinds_held(person_id))


def asks_for_more(person_id: int) -> bool:
    """Whether a log-in asks for more than the password: always, once anything was enrolled.

    After a reset it asks for the code that the administrator handed on.
    """
    return (
        SecondFactor.objects.filter(person_id=person_id).exists()
        or FactorReset.objects.filter(person_id=person_id, state=ResetState.DONE).exists()
    )


def takes_app_codes(person_id: int) -> bool:
    """Whether an authenticator app's code can finish a log-in of this person."""
    return FactorKind.APP in accepted_kinds(person_id)


def factors(actor: Actor) -> list[FactorEntry]:
    """The actor's second factors, oldest first."""
    return factors_of(actor.person_id)


def factors_of(person_id: int) -> list[FactorEntry]:
    """A person's second factors, oldest first. The caller has checked who asks."""
    policy = policy_of_person(person_id)
    rows = SecondFactor.objects.filter(person_id=person_id).order_by("created_at", "pk")
    return [_entry(row, policy) for row in rows]


def factors_of_person(actor: Actor, person_id: int) -> list[FactorEntry]:
    """The second factors of somebody whom the actor administers. Raises NotVisible."""
    if not Person.objects.filter(people_visible_to(actor), pk=person_id).exists():
        raise NotVisible()
    return factors_of(person_id)


def has_fresh_proof(actor: Actor, *, at: datetime) -> bool:
    """Whether the actor's token was given a fresh proof in the last five minutes.

    It is not for whoever comes with a secret that was replaced, which may be a stolen one.
    """
    if actor.token_is_replaced:
        return False
    return ApiToken.objects.filter(pk=actor.token_id or 0, proved_at__gte=at - PROOF_FRESH).exists()


def factor(actor: Actor, factor_id: int) -> FactorEntry:
    """One of the actor's second factors. Raises NotVisible."""
    row = SecondFactor.objects.filter(pk=factor_id, person_id=actor.person_id).first()
    if row is None:
        raise NotVisible()
    return _entry(row, policy_of_person(actor.person_id))


def _entry(row: SecondFactor, policy: FactorPolicy) -> FactorEntry:
    kind = FactorKind(row.kind)
    return FactorEntry(
        id=row.pk,
        kind=kind,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        version=row.version,
        is_allowed=kind in policy.allowed,
    )


def unseen_recovery_codes(actor: Actor) -> list[str]:
    """The actor's recovery codes until they are confirmed as kept; then never again."""
    codes = _codes_of(actor.person_id)
    return [] if codes is None or codes.did_view else codes.get_unused_codes()


def recovery_codes_left(person_id: int) -> RecoveryCodesLeft:
    """How many recovery codes a person has not used yet."""
    codes = _codes_of(person_id)
    if codes is None:
        return RecoveryCodesLeft(0, 0, unseen=False)
    return RecoveryCodesLeft(
        len(codes.get_unused_codes()), len(codes.generate_codes()), unseen=not codes.did_view
    )


def _codes_of(person_id: int) -> RecoveryCodes | None:
    found = Authenticator.objects.filter(
        user_id=person_id, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return RecoveryCodes(found) if found else None


def current_code(person_id: int, at: datetime) -> str | None:
    """The code this person's first authenticator app shows now. For the demonstration alone."""
    app = SecondFactor.objects.filter(person_id=person_id, kind=FactorKind.APP).order_by("pk")
    found = app.first()
    if found is None:
        return None
    return Totp(secrets.decrypt(found.secret)).next_code(at, after=found.counter)

"""The register of sessions: whose a request is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.utils.crypto import constant_time_compare

from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.queries.networks import ADMITS, enforced_address
from meterdesk.identity.rules import IDLE_LENGTH, Proof, SessionLimit, SetUpStep

REGISTER: Final = "log_in"
"""The key under which a browser's session names its entry in the register."""
ASSERTION: Final = "assertion"
"""The key of what an identity provider asserted, in a session that one vouches for."""
_ADMITTED: Final = ADMITS.format(organisation='"identity_person"."organisation_id"', address="%s")


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is good now.

    Attributes:
        person: active, with the organisation.
        proved_at: when the person last gave a proof (aware UTC).
        set_up_step: what of the first log-in is still to do.
        assertion: what the identity provider asserted, for a session it vouches for: provider_id,
            roles, user_ids, name_id.
        is_admitted: the person's organisation is approved for the caller's address (FSM-12).
    """

    id: int
    person: Person
    limit: SessionLimit
    proved_at: datetime
    set_up_step: SetUpStep | None
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
        LogInSession.objects.select_related("person__organisation")
        .annotate(
            has_factor=Exists(Authenticator.objects.filter(user=OuterRef("person_id"))),
            admitted=RawSQL(_ADMITTED, [enforced_address(address)]),  # noqa: S611  a constant
        )
        .filter(
            pk=register,
            person_id=int(person_id),
            person__status=Person.Status.ACTIVE,
            ended_at=None,
            ends_at__gt=at,
            active_at__gt=at - IDLE_LENGTH,
        )
        .first()
    )
    if row is None or not constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), row.person.get_session_auth_hash()
    ):
        return None
    return OpenSession(
        id=row.pk,
        person=row.person,
        limit=SessionLimit(row.ends_at, row.active_at),
        proved_at=row.proved_at,
        set_up_step=_set_up_step(row),
        assertion=session.get(ASSERTION),
        is_admitted=row.admitted or not settings.METERDESK_ENFORCE_NETWORKS,
    )


def _set_up_step(row: LogInSession) -> SetUpStep | None:
    """Whom an identity provider vouches for has neither password nor second factor here."""
    is_vouched_for = Proof.PROVIDER in row.proofs
    if row.person.must_set_password and not is_vouched_for:
        return SetUpStep.PASSWORD
    if row.person.details_confirmed_at is None:
        return SetUpStep.DETAILS
    if is_vouched_for or getattr(row, "has_factor", False):
        return None
    return SetUpStep.AUTHENTICATOR

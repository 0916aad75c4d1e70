"""Endpoints: sessions, one's own and those of one's people; what log-ins ask for."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.rules import FactorKind
from meterdesk.kernel.errors import NotAllowed
from meterdesk.platform.api import IF_MATCH, name_version, required_version

router = Router(tags=["Account"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


class SessionOut(Schema):
    """A log-in on screen."""

    id: int
    device: str = Field(description="Browser and system in words, as the browser says.")
    address: str
    how: str = Field(description="What proved the person.")
    begun_at: datetime
    active_at: datetime
    is_open: bool
    ended_at: datetime | None
    ended_why: str


class Sessions(Schema):
    """The open sessions, then the latest others."""

    items: list[SessionOut]


class PolicyIn(Schema):
    """What log-ins of an organisation ask for."""

    allowed: list[FactorKind] = Field(description="At least one kind.", max_length=3)
    grace_days: int = Field(description="Days, 0 to 90, for those who have only other kinds.")
    sessions_most: int = Field(description="Sessions of a person at once, 1 to 50.")


class SessionLimitIn(Schema):
    """A person's own limit."""

    sessions_most: int | None = Field(description="1 to 50; null: what the organisation says.")


class PolicyOut(PolicyIn):
    """The policy, and from when an allowed kind is demanded of everybody."""

    demanded_from: datetime | None
    version: int


@router.get(
    "/sessions",
    response=Sessions,
    operation_id="list_own_sessions",
    summary="My sessions",
    description="Where one is logged in on screen, and was lately.",
)
def own_sessions(request: Any) -> dict[str, Any]:
    """The caller's sessions."""
    return {"items": queries.own_sessions(request.actor, 0, at=timezone.now())}


@router.delete(
    "/sessions",
    response={204: None},
    operation_id="end_own_sessions",
    summary="End all of my sessions",
    description="At once. Not with a token that is limited to some functions.",
)
def end_own_sessions(request: Any) -> Status[None]:
    """End every session of the caller."""
    return _end_own(request, None)


@router.delete(
    "/sessions/{session_id}",
    response={204: None},
    operation_id="end_own_session",
    summary="End one of my sessions",
    description="At once. Not with a token that is limited to some functions.",
)
def end_own_session(request: Any, session_id: Number) -> Status[None]:
    """End a session of the caller."""
    return _end_own(request, session_id)


def _end_own(request: Any, session_id: int | None) -> Status[None]:
    if request.actor.is_narrowed:
        raise NotAllowed("A token that is limited to some functions cannot end sessions.")
    actions.end_own_sessions(request.actor, 0, session_id, at=timezone.now())
    return Status(204, None)


@router.get(
    "/people/{person_id}/sessions",
    response=Sessions,
    operation_id="list_sessions_of",
    summary="Sessions of a person",
    description="Of somebody whose account one administers.",
)
def sessions_of(request: Any, person_id: Number) -> dict[str, Any]:
    """A person's sessions."""
    return {"items": queries.sessions_of(request.actor, person_id, at=timezone.now())}


@router.delete(
    "/people/{person_id}/sessions",
    response={204: None},
    operation_id="end_sessions_of",
    summary="End every session of a person",
    description="At once. Their tokens stay in force.",
)
def end_sessions_of(request: Any, person_id: Number) -> Status[None]:
    """End a person's sessions."""
    actions.end_persons_sessions(request.actor, person_id, at=timezone.now())
    return Status(204, None)


@router.delete(
    "/people/{person_id}/sessions/{session_id}",
    response={204: None},
    operation_id="end_session_of",
    summary="End a session of a person",
    description="At once.",
)
def end_session_of(request: Any, person_id: Number, session_id: Number) -> Status[None]:
    """End one session of a person."""
    actions.end_persons_sessions(request.actor, person_id, session_id, at=timezone.now())
    return Status(204, None)


@router.put(
    "/people/{person_id}/session-limit",
    response={204: None},
    operation_id="limit_sessions_of",
    summary="Limit the sessions of a person",
    description="How many somebody may have open at once, in place of what the policy says.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def limit_sessions(request: Any, person_id: Number, given: SessionLimitIn) -> Status[None]:
    """Set or lift a person's own limit."""
    at = timezone.now()
    present = queries.person(request.actor, person_id, at=at).row.version
    version = required_version(request, present) or present
    actions.limit_sessions(request.actor, person_id, given.sessions_most, version, at=at)
    return Status(204, None)


@router.get(
    "/security-policy",
    response=PolicyOut,
    operation_id="get_security_policy",
    summary="What log-ins of my organisation ask for",
    description="Version 0 is the default, while nothing has been decided.",
)
def get_policy(request: Any, response: HttpResponse) -> dict[str, Any]:
    """The policy of the caller's organisation."""
    found = queries.policy_entry(request.actor.organisation_id)
    name_version(response, found.version)
    return {
        "allowed": sorted(found.allowed),
        "grace_days": found.grace_days,
        "sessions_most": found.sessions_most,
        "demanded_from": found.demanded_from,
        "version": found.version,
    }


@router.put(
    "/security-policy",
    response=PolicyOut,
    operation_id="set_security_policy",
    summary="Decide what log-ins ask for",
    description="For the people of one's own organisation, from the next log-in on. Asks for "
    "fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def set_policy(request: Any, response: HttpResponse, given: PolicyIn) -> dict[str, Any]:
    """Set the policy of the caller's organisation."""
    require_proof(request)
    version = required_version(request)
    if version is None:
        version = queries.policy_entry(request.actor.organisation_id).version
    actions.set_security_policy(
        request.actor,
        given.allowed,
        given.grace_days,
        given.sessions_most,
        version,
        at=timezone.now(),
    )
    return get_policy(request, response)

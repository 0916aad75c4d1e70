"""Endpoints: second factors, one's own and those of one's people; resets of lost ones.

Factors are added on screen alone: an app's secret and a key's ceremony belong to a browser.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Path, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.rules import FACTOR_NAME_LONGEST, FactorKind
from meterdesk.kernel.errors import NotAllowed
from meterdesk.platform.api import IF_MATCH, required_version

router = Router(tags=["Account"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
_TEXT = r"^[^\x00]*$"


class FactorOut(Schema):
    """A second factor, without its secret."""

    id: int
    kind: FactorKind
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_allowed: bool = Field(description="By the policy of the organisation.")
    version: int


class Factors(Schema):
    """The second factors of a person, oldest first."""

    items: list[FactorOut]
    recovery_codes_left: int


class FactorPatch(Schema):
    """Another name."""

    name: str = Field(max_length=FACTOR_NAME_LONGEST, pattern=_TEXT)


class FactorResetIn(Schema):
    """Whose factors are to be reset, and why."""

    username: str = Field(max_length=150, pattern=_TEXT)
    reason: str = Field(
        max_length=300, pattern=_TEXT, description="Why, and how you know who asks."
    )


class FactorResetOut(Schema):
    """What became of it."""

    code: str | None = Field(
        description="To hand on by voice, shown this once; null while a second administrator has "
        "to agree, and when it was refused or withdrawn."
    )


class FactorResetWaiting(Schema):
    """A reset that waits for a second administrator."""

    id: int
    username: str
    display_name: str
    organisation_name: str
    reason: str
    requested_by: str
    requested_at: datetime
    ends_at: datetime
    is_own_request: bool
    is_for_actor: bool


class FactorResetList(Schema):
    """Resets that wait, oldest first."""

    items: list[FactorResetWaiting]


class ResetDecision(Schema):
    """What is decided; withdrawing is for who asked, the others for somebody else."""

    verb: Literal["approve", "refuse", "withdraw"]


@router.get(
    "/factors",
    response=Factors,
    operation_id="list_own_factors",
    summary="My second factors",
    description="Apps, keys and passkeys, without their secrets.",
)
def own_factors(request: Any) -> dict[str, Any]:
    """The caller's factors (FSM-5, 6)."""
    codes = queries.recovery_codes_left(request.actor.person_id)
    return {"items": queries.factors(request.actor), "recovery_codes_left": codes.left}


@router.patch(
    "/factors/{factor_id}",
    response=FactorOut,
    operation_id="rename_own_factor",
    summary="Rename one of my second factors",
    description="Asks for fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def rename_factor(request: Any, factor_id: Number, given: FactorPatch) -> Any:
    """Give a factor another name."""
    version = _own_version(request, factor_id)
    actions.rename_factor(request.actor, factor_id, version, given.name, at=timezone.now())
    return queries.factor(request.actor, factor_id)


@router.delete(
    "/factors/{factor_id}",
    response={204: None},
    operation_id="remove_own_factor",
    summary="Remove one of my second factors",
    description="Asks for fresh proof. The last one that a log-in takes stays.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def remove_factor(request: Any, factor_id: Number) -> Status[None]:
    """Remove a factor."""
    version = _own_version(request, factor_id)
    actions.remove_factor(request.actor, factor_id, version, at=timezone.now())
    return Status(204, None)


@router.get(
    "/people/{person_id}/factors",
    response=Factors,
    operation_id="list_factors_of",
    summary="Second factors of a person",
    description="Of somebody whose account one administers.",
)
def factors_of(request: Any, person_id: Number) -> dict[str, Any]:
    """A person's factors."""
    items = queries.factors_of_person(request.actor, person_id)
    codes = queries.recovery_codes_left(person_id)
    return {"items": items, "recovery_codes_left": codes.left}


@router.get(
    "/factor-resets",
    response=FactorResetList,
    operation_id="list_factor_resets",
    summary="Resets that wait",
    description="For a second administrator to agree, within three days.",
)
def waiting_resets(request: Any) -> dict[str, Any]:
    """Resets that wait in the caller's reach."""
    return {"items": queries.waiting_resets(request.actor, at=timezone.now())}


@router.post(
    "/factor-resets",
    response={201: FactorResetOut},
    operation_id="request_factor_reset",
    summary="Reset lost second factors",
    description="Asks for fresh proof. Of somebody whose account one administers; for those who "
    "administer accounts themselves a second administrator has to agree.",
)
def request_reset(request: Any, given: FactorResetIn) -> Status[dict[str, Any]]:
    """Reset somebody's factors, or ask for it."""
    require_proof(request)
    person_id = queries.id_to_reset(request.actor, given.username)
    code = actions.request_reset(request.actor, person_id, given.reason, at=timezone.now())
    return Status(201, {"code": code})


@router.post(
    "/factor-resets/{reset_id}/decision",
    response=FactorResetOut,
    operation_id="decide_factor_reset",
    summary="Decide a reset that waits",
    description="Asks for fresh proof. Two different administrators have to agree, neither of "
    "them for oneself.",
)
def decide_reset(request: Any, reset_id: Number, given: ResetDecision) -> dict[str, Any]:
    """Approve, refuse or withdraw a reset."""
    require_proof(request)
    code = actions.decide_reset(request.actor, reset_id, given.verb, at=timezone.now())
    return {"code": code}


def _own_version(request: Any, factor_id: int) -> int:
    """The version to change one's own factor at. Raises NotAllowed without fresh proof."""
    if request.actor.is_narrowed:
        raise NotAllowed("A token that is limited to some functions cannot change factors.")
    require_proof(request)
    present = queries.factor(request.actor, factor_id).version
    return required_version(request, present) or present

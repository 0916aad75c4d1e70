"""Endpoint: fresh proof for a token, and the demand for it where a screen would ask too."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Router, Schema

from meterdesk.identity import actions, queries
from meterdesk.kernel.errors import NotAllowed

router = Router(tags=["Account"])
_TEXT = r"^[^\x00]*$"


class ProofIn(Schema):
    """What only the person has."""

    password: Annotated[str, Field(max_length=4096, pattern=_TEXT)]
    code: Annotated[str, Field(max_length=20, pattern=_TEXT)] = Field(
        description="The next code of an authenticator app, or a recovery code."
    )


class ProofOut(Schema):
    """Until when the token may be used for what asks for fresh proof."""

    good_until: datetime


@router.post(
    "/proof",
    response=ProofOut,
    operation_id="prove",
    summary="Prove who I am",
    description="Deleting and resetting accounts, making an administrator, opening accounts from "
    "a file, lost factors, the policy, changes to one's own factors, approving an identity "
    "provider or a network, activating a sharing, and adding, changing or resuming a service "
    "provider ask for this; without it they answer 403 `proof_needed`. It holds for this token "
    "and five minutes. Failures count towards the lock of the account.",
)
def prove(request: Any, given: ProofIn) -> dict[str, Any]:
    """Take a fresh proof for the caller's token."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    good_until = actions.prove_with_token(
        request.actor, given.password, given.code, address, at=timezone.now()
    )
    return {"good_until": good_until}


def require_proof(request: Any) -> None:
    """Go on only within five minutes of a fresh proof. Raises NotAllowed, code proof_needed."""
    if not queries.has_fresh_proof(request.actor, at=timezone.now()):
        raise NotAllowed(
            "This asks for fresh proof: POST password and code to /api/v1/proof with this token, "
            "then send it again within five minutes.",
            code="proof_needed",
        )

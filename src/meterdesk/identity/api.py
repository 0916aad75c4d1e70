"""Endpoints: who one is, and one's own tokens."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Path, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.queries import TokenEntry
from meterdesk.identity.rules import TOKEN_NAME_LONGEST
from meterdesk.kernel.errors import NotVisible, Refused

router = Router(tags=["Account"])
TokenId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the token.")]


class Me(Schema):
    """Who the token acts for, and what it opens at this moment."""

    username: str
    display_name: str
    organisation: str
    user_ids: list[str] = Field(description="EUI-64s one has a role on, own and granted.")
    roles: list[str] = Field(description="Job Type Roles, whichever UserId they are on.")
    roles_by_user_id: dict[str, list[str]]
    desk_permissions: list[str] = Field(description="Of the operator's staff and resolvers.")
    components: dict[str, bool] = Field(
        description="Every functional component: true where some role gives it."
    )


class TokenOut(Schema):
    """A token without its secret."""

    id: int
    name: str
    last_characters: str
    components: list[str] | None = Field(description="null: everything the person may do.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    state: str = Field(description="active, expired or revoked")


class TokenList(Schema):
    """Tokens, newest first."""

    items: list[TokenOut]
    next: str | None = None


class TokenIn(Schema):
    """A token to create."""

    name: str = Field(min_length=1, max_length=TOKEN_NAME_LONGEST, pattern=r"^[^\x00]*$")
    expires_at: datetime = Field(description="With offset; at most one year away.")
    components: list[Annotated[str, Field(max_length=40)]] | None = Field(
        default=None, max_length=100, description="Functional components to limit it to."
    )


class TokenCreated(TokenOut):
    """A new token with its secret, which is shown this once."""

    secret: str


@router.get(
    "/me",
    response=Me,
    operation_id="me",
    summary="Who I am and what I may use",
    description="Rights as they are at the time of the call, narrowed to the token's components.",
)
def me(request: Any) -> dict[str, Any]:
    """Answer for the actor (SSI-FR-63)."""
    actor = request.actor
    return {
        "username": actor.username,
        "display_name": actor.display_name,
        "organisation": actor.organisation_name,
        "user_ids": sorted(actor.user_ids),
        "roles": sorted(set().union(*actor.job_type_roles.values())),
        "roles_by_user_id": {
            eui: sorted(roles) for eui, roles in sorted(actor.job_type_roles.items())
        },
        "desk_permissions": sorted(actor.desk),
        "components": {one.id: one.is_open for one in queries.component_access(actor)},
    }


@router.get(
    "/tokens",
    response=TokenList,
    operation_id="list_tokens",
    summary="My tokens",
    description="One's own tokens, newest first, without their secrets.",
)
def list_tokens(request: Any) -> dict[str, Any]:
    """One's own tokens."""
    return {"items": queries.tokens(request.actor, timezone.now()), "next": None}


@router.post(
    "/tokens",
    response={201: TokenCreated},
    operation_id="create_token",
    summary="Create a token",
    description="The secret is in the answer and is kept nowhere. A token can neither outlive "
    "the one that creates it nor open more.",
)
def create_token(request: Any, given: TokenIn) -> Status[dict[str, Any]]:
    """Create a token of one's own."""
    at = timezone.now()
    if given.expires_at.tzinfo is None:
        message = "Give the offset from UTC, for example 2027-03-31T00:00:00Z."
        raise Refused(message, code="invalid", fields={"expires_at": message})
    token_id, secret = actions.create_token(
        request.actor, given.name, given.expires_at, given.components, at=at
    )
    entry = queries.token(request.actor, token_id, at)
    return Status(201, {**_as_dict(entry), "secret": secret})


@router.delete(
    "/tokens/{token_id}",
    response={204: None},
    operation_id="revoke_token",
    summary="Revoke a token",
    description="Calls with it are refused from then on. Revoking twice is no error.",
)
def revoke_token(request: Any, token_id: TokenId) -> Status[None]:
    """Revoke a token of one's own."""
    actions.revoke_token(request.actor, token_id, at=timezone.now())
    return Status(204, None)


def _as_dict(entry: TokenEntry | None) -> dict[str, Any]:
    if entry is None:
        raise NotVisible()
    return {name: getattr(entry, name) for name in TokenOut.model_fields}

"""Endpoints: tokens of one's own, and those of the organisation one administers (FSM-17)."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.queries import TokenEntry, TokenSearch
from meterdesk.identity.rules import TOKEN_NAME_LONGEST
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.platform.api import Paged

router = Router(tags=["Account"])
TokenId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the token.")]
Network = Annotated[str, Field(max_length=50, pattern=r"^[^\x00]*$")]


class TokenOut(Schema):
    """A token without its secret."""

    id: int
    name: str
    last_characters: str
    components: list[str] | None = Field(description="null: everything its owner may do.")
    networks: list[str] = Field(description="Those it may be used from; empty: any.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None = Field(description="The caller's address then.")
    old_secret_until: datetime | None = Field(
        description="After a rotation: until when the secret before works."
    )
    revoked_at: datetime | None
    state: str = Field(description="active, expired or revoked")


class OwnedTokenOut(TokenOut):
    """A token with whose it is."""

    owner: str = Field(description="Username of the person or service account.")
    owner_is_service: bool
    organisation_name: str


class TokenList(Schema):
    """Tokens, newest first."""

    items: list[TokenOut]
    next: str | None = None


class OwnedTokenList(Schema):
    """A page of tokens, those that end first at the beginning."""

    items: list[OwnedTokenOut]
    next: str | None = None


class TokenIn(Schema):
    """A token to create."""

    name: str = Field(min_length=1, max_length=TOKEN_NAME_LONGEST, pattern=r"^[^\x00]*$")
    expires_at: datetime = Field(description="With offset; at most one year away.")
    components: list[Annotated[str, Field(max_length=40)]] | None = Field(
        default=None, max_length=100, description="Functional components to limit it to."
    )
    networks: list[Network] = Field(
        default=[], max_length=20, description="Networks it may be used from; empty: any."
    )


class TokenCreated(TokenOut):
    """A token with its secret, which is shown this once."""

    secret: str


class RotateIn(Schema):
    """How a token is rotated."""

    overlap_hours: int = Field(
        default=24, ge=0, le=168, description="Hours for which the secret before works on."
    )
    expires_at: datetime | None = Field(
        default=None, description="A new end, with offset; null keeps the one it has."
    )


class TokenQuery(Paged):
    """Which tokens to list."""

    text: str = Field(default="", max_length=150, pattern=r"^[^\x00]*$")
    state: str = Field(default="active", pattern="^(active|expired|revoked|all)$")


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
    "the one that creates it nor open more, nor be used from elsewhere.",
)
def create_token(request: Any, given: TokenIn) -> Status[dict[str, Any]]:
    """Create a token of one's own."""
    at = timezone.now()
    with_offset(given.expires_at)
    token_id, secret = actions.create_token(
        request.actor, given.name, given.expires_at, given.components, given.networks, at=at
    )
    return Status(201, {**as_dict(queries.token(request.actor, token_id, at)), "secret": secret})


@router.post(
    "/tokens/{token_id}/rotate",
    response=TokenCreated,
    operation_id="rotate_token",
    summary="Give a token a new secret",
    description="One's own, or a service account's that one administers. The secret before works "
    "on for the overlap. A token may rotate itself; it keeps its end then.",
)
def rotate_token(request: Any, token_id: TokenId, given: RotateIn) -> dict[str, Any]:
    """Rotate a token."""
    at = timezone.now()
    if given.expires_at is not None:
        with_offset(given.expires_at)
    overlap = timedelta(hours=given.overlap_hours)
    secret = actions.rotate_token(
        request.actor, token_id, overlap, expires_at=given.expires_at, at=at
    )
    return {**as_dict(queries.token(request.actor, token_id, at)), "secret": secret}


@router.delete(
    "/tokens/{token_id}",
    response={204: None},
    operation_id="revoke_token",
    summary="Revoke a token",
    description="One's own, or one of an organisation that one administers. Calls with it are "
    "refused from then on. Revoking twice is no error.",
)
def revoke_token(request: Any, token_id: TokenId) -> Status[None]:
    """Revoke a token."""
    actions.revoke_token(request.actor, token_id, at=timezone.now())
    return Status(204, None)


@router.get(
    "/organisation-tokens",
    response=OwnedTokenList,
    operation_id="list_organisation_tokens",
    summary="Tokens of the organisation",
    description="Of its people and service accounts, for those who administer it.",
)
def list_organisation_tokens(request: Any, query: Query[TokenQuery]) -> Any:
    """Tokens that the actor administers."""
    return queries.administered_tokens(
        request.actor,
        TokenSearch(text=query.text, state=query.state),
        query.page,
        at=timezone.now(),
    )


def with_offset(instant: datetime) -> None:
    """Refuse an instant that does not say its offset."""
    if instant.tzinfo is None:
        message = "Give the offset from UTC, for example 2027-03-31T00:00:00Z."
        raise Refused(message, code="invalid", fields={"expires_at": message})


def as_dict(entry: TokenEntry | None) -> dict[str, Any]:
    """A token's fields for an answer with more in it."""
    if entry is None:
        raise NotVisible()
    return {name: getattr(entry, name) for name in TokenOut.model_fields}

"""Endpoints: service accounts and their tokens, for those who administer them (FSM-17)."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.actions import NewToken, ServiceAccountDetails
from meterdesk.identity.api.tokens import TokenCreated, TokenIn, TokenOut, as_dict, with_offset
from meterdesk.identity.queries import ActorRequest, ServiceAccountRecord
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["Service accounts"])
AccountId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the account.")]


class RoleOn(Schema):
    """A Job Type Role on a UserId."""

    user_id: str = Field(max_length=23, pattern=r"^[0-9A-Fa-f-]+$")
    job_type_role: JobTypeRole


class ServiceAccountFields(Schema):
    """What an administrator decides of a service account."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    purpose: str = Field(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="What it is for and who answers for it.",
    )
    roles: list[RoleOn] = Field(default=[], max_length=200)
    desk_roles: list[DeskRole] = Field(
        default=[], max_length=10, description="Of the operator's and service providers'."
    )
    feeds: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[],
        max_length=40,
        description="Kinds of the network's data that it may push, of the operator's and service "
        "providers' accounts.",
    )

    def as_details(self) -> ServiceAccountDetails:
        """For the action."""
        return ServiceAccountDetails(
            name=self.name,
            purpose=self.purpose,
            roles=frozenset((parse_eui(one.user_id), one.job_type_role) for one in self.roles),
            desk=frozenset(self.desk_roles),
            feeds=frozenset(self.feeds),
        )


class ServiceAccountIn(ServiceAccountFields):
    """A service account to open."""

    username: str = Field(min_length=1, max_length=150, pattern=r"^[^\x00]*$")
    organisation_id: int | None = Field(
        default=None,
        ge=1,
        le=2**63 - 1,
        description="For the operator's administrators: one of its service providers.",
    )


class ServiceAccountListed(Schema):
    """A service account in a list."""

    id: int
    username: str
    name: str
    organisation_name: str
    purpose: str
    is_open: bool
    last_used_at: datetime | None


class ServiceAccountOut(ServiceAccountListed):
    """A service account with its roles and tokens."""

    roles: list[RoleOn]
    desk_roles: list[DeskRole]
    feeds: list[str] = Field(description="Kinds of the network's data that it may push.")
    components: list[str] = Field(description="What its roles open at present.")
    created_at: datetime
    version: int
    tokens: list[TokenOut]


class ServiceAccountPage(Schema):
    """A page of service accounts by username."""

    items: list[ServiceAccountListed]
    next: str | None


class AccountQuery(Paged):
    """Which service accounts to list."""

    text: str = Field(default="", max_length=150, pattern=r"^[^\x00]*$")
    closed: bool = Field(default=False, description="Closed ones as well.")


@router.get(
    "/service-accounts",
    response=ServiceAccountPage,
    operation_id="list_service_accounts",
    summary="Service accounts",
    description="Those of the organisation that one administers, by username.",
)
def list_accounts(request: Any, query: Query[AccountQuery]) -> Any:
    """A page of service accounts."""
    return queries.service_accounts(
        request.actor,
        query.page,
        text=query.text,
        closed=query.closed,
    )


@router.post(
    "/service-accounts",
    response={201: ServiceAccountOut},
    operation_id="open_service_account",
    summary="Open a service account",
    description="It has the roles given to it, no password and no session; give it tokens.",
)
def open_account(request: Any, given: ServiceAccountIn) -> Status[dict[str, Any]]:
    """Open a service account."""
    at = timezone.now()
    account_id = actions.open_service_account(
        request.actor, given.username, given.as_details(), given.organisation_id, at=at
    )
    return Status(201, _out(queries.service_account(request.actor, account_id, at)))


@router.get(
    "/service-accounts/{account_id}",
    response=ServiceAccountOut,
    operation_id="get_service_account",
    summary="A service account",
    description="With its roles and tokens.",
)
def get_account(request: Any, response: HttpResponse, account_id: AccountId) -> dict[str, Any]:
    """One service account."""
    found = queries.service_account(request.actor, account_id, timezone.now())
    name_version(response, found.version)
    return _out(found)


@router.put(
    "/service-accounts/{account_id}",
    response=ServiceAccountOut,
    operation_id="change_service_account",
    summary="Change a service account",
    description="Name, purpose and roles, all of them at once; in force with the next call.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change_account(
    request: Any, response: HttpResponse, account_id: AccountId, given: ServiceAccountFields
) -> dict[str, Any]:
    """Change a service account."""
    at = timezone.now()
    version = required_version(request)
    actions.change_service_account(request.actor, account_id, given.as_details(), version, at=at)
    return get_account(request, response, account_id)


@router.delete(
    "/service-accounts/{account_id}",
    response={204: None},
    operation_id="close_service_account",
    summary="Close a service account",
    description="Its tokens are revoked at once. It stays on record.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def close_account(request: ActorRequest, account_id: AccountId) -> Status[None]:
    """Close a service account."""
    actor = request.actor
    version = required_version(request)
    actions.close_service_account(actor, account_id, version, at=timezone.now())
    return Status(204, None)


@router.post(
    "/service-accounts/{account_id}/tokens",
    response={201: TokenCreated},
    operation_id="create_service_token",
    summary="Create a token of a service account",
    description="The secret is in the answer and is kept nowhere.",
)
def create_token(request: Any, account_id: AccountId, given: TokenIn) -> Status[dict[str, Any]]:
    """Create a token of a service account."""
    at = timezone.now()
    with_offset(given.expires_at)
    new = NewToken(
        given.name,
        given.expires_at,
        None if given.components is None else tuple(sorted(set(given.components))),
        tuple(given.networks),
    )
    token_id, secret = actions.create_service_token(request.actor, account_id, new, at=at)
    return Status(201, {**as_dict(queries.token(request.actor, token_id, at)), "secret": secret})


def _out(found: ServiceAccountRecord) -> dict[str, Any]:
    row = found.row
    return {
        **{name: getattr(row, name) for name in ServiceAccountListed.model_fields},
        "roles": [{"user_id": eui, "job_type_role": role} for eui, role in sorted(found.roles)],
        "desk_roles": sorted(found.desk),
        "feeds": sorted(found.feeds),
        "components": list(found.components),
        "created_at": found.created_at,
        "version": found.version,
        "tokens": found.tokens,
    }

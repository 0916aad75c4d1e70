"""Endpoints: who one is; people, tokens, service accounts and networks."""

from typing import Any

from ninja import Field, Router, Schema

from meterdesk.identity import queries
from meterdesk.identity.api import (
    account_reviews,
    activity,
    factors,
    networks,
    people,
    proof,
    security,
    service_accounts,
    tokens,
)

router = Router(tags=["Account"])
for part in (
    tokens,
    proof,
    security,
    factors,
    people,
    account_reviews,
    service_accounts,
    networks,
    activity,
):
    router.add_router("", part.router)


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

"""Organisations, UserIds, people and their roles, grants, tokens, sessions."""

from meterdesk.identity.models.people import (
    ApiToken,
    Bookmark,
    DeskAssignment,
    FunctionalComponent,
    Grant,
    Organisation,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.models.sessions import LogInSession

__all__ = [
    "ApiToken",
    "Bookmark",
    "DeskAssignment",
    "FunctionalComponent",
    "Grant",
    "LogInSession",
    "Organisation",
    "Person",
    "RoleAssignment",
    "UserId",
]

"""Organisations, UserIds, people and their roles, grants, tokens, sessions, networks."""

from meterdesk.identity.models.accounts import (
    AccountImport,
    AccountImportRow,
    AccountLink,
    AccountReview,
    AccountRules,
    LogInDay,
    ReviewDecision,
)
from meterdesk.identity.models.factors import FactorReset, SecondFactor, SecurityPolicy
from meterdesk.identity.models.networks import Network, NetworkChange
from meterdesk.identity.models.people import (
    ApiToken,
    Bookmark,
    DeskAssignment,
    FeedAssignment,
    FunctionalComponent,
    Grant,
    Organisation,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.models.sessions import LogInSession

__all__ = [
    "AccountImport",
    "AccountImportRow",
    "AccountLink",
    "AccountReview",
    "AccountRules",
    "ApiToken",
    "Bookmark",
    "DeskAssignment",
    "FactorReset",
    "FeedAssignment",
    "FunctionalComponent",
    "Grant",
    "LogInDay",
    "LogInSession",
    "Network",
    "NetworkChange",
    "Organisation",
    "Person",
    "ReviewDecision",
    "RoleAssignment",
    "SecondFactor",
    "SecurityPolicy",
    "UserId",
]

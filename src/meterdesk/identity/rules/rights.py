"""Who an actor is and what each kind of route asks of them. Plain Python.

Sources: SEC Appendix AH clause 1.5 (Job Type Roles, functional components); SSI-NFR-2, 23 to 27.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

BOOKMARKS_MOST = 50
TOKEN_PREFIX = "mdk_"  # noqa: S105  public by design
TOKEN_NAME_LONGEST = 80
TOKEN_LONGEST = timedelta(days=366)


class UserRole(StrEnum):
    """Role of a UserId under the Code (DUIS spelling)."""

    IS = "IS"
    ES = "ES"
    GS = "GS"
    ED = "ED"
    GT = "GT"
    RSA = "RSA"
    OU = "OU"

    @property
    def title(self) -> str:  # type: ignore[override]  # a StrEnum has no other use for it
        """The role in words."""
        return USER_ROLE_TITLES[self]


USER_ROLE_TITLES = {
    UserRole.IS: "Import Supplier",
    UserRole.ES: "Export Supplier",
    UserRole.GS: "Gas Supplier",
    UserRole.ED: "Electricity Distributor",
    UserRole.GT: "Gas Transporter",
    UserRole.RSA: "Registered Supplier Agent",
    UserRole.OU: "Other User",
}


class OrganisationKind(StrEnum):
    """What an organisation is to the network."""

    PARTY = "PARTY"
    OPERATOR = "OPERATOR"
    SERVICE_PROVIDER = "SERVICE_PROVIDER"


class Suspension(StrEnum):
    """How far the operator has suspended an organisation or a UserId, mildest first."""

    NONE = "NONE"
    READ_ONLY = "READ_ONLY"
    NOTHING = "NOTHING"

    @property
    def word(self) -> str:
        """As shown to people."""
        return SUSPENSION_WORDS[self]


SUSPENSION_WORDS = {
    Suspension.NONE: "Not suspended",
    Suspension.READ_ONLY: "Reading only",
    Suspension.NOTHING: "No access",
}


def suspension_message(level: Suspension, reason: str) -> str:
    """What people of a suspended organisation are told: what goes on, why, and whom to ask."""
    what = {
        Suspension.NONE: "",
        Suspension.READ_ONLY: "Your organisation may read at present, but change nothing: "
        "the network's operator has suspended it.",
        Suspension.NOTHING: "Your organisation has no access at present: "
        "the network's operator has suspended it.",
    }[level]
    ask = "Your administrators and officers were told by email. Ask the operator's service desk."
    return f"{what} Reason: {reason.rstrip('.')}. {ask}" if reason else f"{what} {ask}"


class JobTypeRole(StrEnum):
    """The Job Type Roles of Appendix AH 1.9, spelt as in the access matrix."""

    ALL_ACCESS = "All Access"
    ORGANISATIONAL_ADMINISTRATOR = "Organisational Administrator"
    SECURITY_USER = "Security User"
    LEAD_AGENT = "Lead Agent"
    CALL_CENTRE_USER = "Call Centre User"
    MI_USER = "MI User"
    SERVICE_MANAGEMENT_USER = "Service Management User"
    SMART_METER_OPERATIONS_USER = "Smart Meter Operations User"
    ASSET_MANAGEMENT_ORDERING = "Asset Management Ordering"
    SEC_CONTRACT_MANAGER = "SEC Contract Manager"
    LOGISTICS = "Logistics"


class DeskRole(StrEnum):
    """What a person does at the operator's desk, or at a service provider as a resolver."""

    AGENT = "AGENT"
    RESOLVER = "RESOLVER"
    MAJOR_INCIDENT_MANAGER = "MAJOR_INCIDENT_MANAGER"
    EDITOR = "EDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    SECURITY_OFFICER = "SECURITY_OFFICER"


class DeskPermission(StrEnum):
    """What a desk route asks for."""

    QUEUE = "queue"
    ASSIGN = "assign"
    INTAKE = "intake"
    NETWORK_DATA = "network_data"
    ACCOUNTS = "accounts"
    ACTIVITY = "activity"


DESK_PERMISSIONS: Mapping[DeskRole, frozenset[DeskPermission]] = {
    DeskRole.AGENT: frozenset(
        {DeskPermission.QUEUE, DeskPermission.ASSIGN, DeskPermission.NETWORK_DATA}
    ),
    DeskRole.RESOLVER: frozenset({DeskPermission.QUEUE}),
    DeskRole.MAJOR_INCIDENT_MANAGER: frozenset(
        {DeskPermission.QUEUE, DeskPermission.ASSIGN, DeskPermission.NETWORK_DATA}
    ),
    DeskRole.EDITOR: frozenset({DeskPermission.NETWORK_DATA}),
    DeskRole.ADMINISTRATOR: frozenset(
        {DeskPermission.ACCOUNTS, DeskPermission.INTAKE, DeskPermission.NETWORK_DATA}
    ),
    DeskRole.SECURITY_OFFICER: frozenset({DeskPermission.ACTIVITY}),
}


NETWORK_DATA_COMPONENTS = frozenset(
    {
        "UC_Inventory",
        "UC_ServiceAudit",
        "UC_MeterRead",
        "UC_CSPCoverage",
        "UC_HubStatus",
        "UC_Search",
    }
)


COMPONENTS_BY_TASK: Final = (
    ("Look up", NETWORK_DATA_COMPONENTS),
    (
        "Incidents and requests",
        (
            "UC_ViewSMI",
            "UC_RaiseSMI",
            "UC_UpdateSMI",
            "UC_ProblemManagement",
            "UC_ServiceCatalogue",
        ),
    ),
    (
        "Service information",
        (
            "UC_ServiceDashboard",
            "UC_ServiceAlerts",
            "UC_Schedule",
            "UC_KnowledgeManagement",
            "UC_FAQ",
            "UC_Manuals",
        ),
    ),
    ("Reports and orders", ("UC_Reports", "UC_CSPOMS")),
    ("Accounts", ("UC_OrgManager", "UC_Profile", "UC_Login")),
)
"""Functional components by what people do with them, for lists to choose from."""

WRITING_COMPONENTS = frozenset({"UC_RaiseSMI", "UC_UpdateSMI"})
"""Components that do nothing but change: a UserId suspended to reading does not give them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting now, by session or token, with rights read from the database just now.

    Attributes:
        user_ids: UserIds (EUI-64 text) the person has a role on: own, or granted and not rescinded
        entitlements: functional component id to the UserIds for which a role of theirs gives it;
            a component that no role gives is absent.
        desk: permissions of the operator's staff and of resolvers at a service provider.
        feeds: kinds of the network's data that this service account may push.
        is_operator: the person works for the network's operator.
        token_id: the API token used, if any.
        token_is_replaced: by the secret before its last rotation, which works on for the overlap.
        is_narrowed: that token is limited to some of the person's components.
        suspension: how far the person's organisation is suspended, with the reason given.
        read_only: those of `user_ids` for which the person may read, but change nothing.
        own_user_ids: those of `user_ids` that are the person's own organisation's.
        assertion: what the identity provider asserted that vouches for the person, if one does.
    """

    person_id: int
    username: str
    display_name: str
    organisation_id: int
    organisation_name: str
    organisation_kind: OrganisationKind
    user_ids: frozenset[str]
    user_roles: Mapping[str, UserRole]
    job_type_roles: Mapping[str, frozenset[str]]
    entitlements: Mapping[str, frozenset[str]]
    desk: frozenset[DeskPermission] = frozenset()
    request_id: str = ""
    token_id: int | None = None
    token_is_replaced: bool = False
    is_narrowed: bool = False
    suspension: Suspension = Suspension.NONE
    suspension_reason: str = ""
    read_only: frozenset[str] = frozenset()
    own_user_ids: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    assertion: Mapping[str, Any] | None = None

    @property
    def is_operator(self) -> bool:
        """Whether the person is on the operator's staff."""
        return self.organisation_kind is OrganisationKind.OPERATOR

    def may_use(self, component: str) -> bool:
        """Whether a role on some UserId, or the operator's staff right, gives it (SSI-NFR-2)."""
        return bool(self.entitlements.get(component)) or (
            component in NETWORK_DATA_COMPONENTS
            and self.sees_everything(DeskPermission.NETWORK_DATA)
        )

    def user_ids_for(self, component: str) -> frozenset[str]:
        """UserIds for which a role gives this component; rows are limited to these."""
        return self.entitlements.get(component, frozenset())

    def writes_for(self, component: str) -> frozenset[str]:
        """UserIds for which the person may change things by this component."""
        return self.user_ids_for(component) - self.read_only

    @property
    def administers(self) -> bool:
        """Whether the person administers the own organisation (granted UserIds never count)."""
        return self.may_use("UC_OrgManager")

    @property
    def is_security_user(self) -> bool:
        """Whether the person looks after the own organisation's security; no narrowed token."""
        return not self.is_narrowed and any(
            JobTypeRole.SECURITY_USER in self.job_type_roles.get(user_id, ())
            for user_id in self.own_user_ids
        )

    def may_at_desk(self, permission: DeskPermission) -> bool:
        """Whether the person holds this desk permission."""
        return permission in self.desk

    def may_feed(self, kind: str) -> bool:
        """Whether the person, or the program, may push data of this kind."""
        return kind in self.feeds or self.may_at_desk(DeskPermission.INTAKE)

    def sees_everything(self, permission: DeskPermission) -> bool:
        """Whether the person is the operator's and holds the permission: no row limit applies."""
        return self.is_operator and permission in self.desk


def administers_by(job_type_roles: Iterable[str], desk: Iterable[str]) -> bool:
    """Whether somebody with these roles administers accounts."""
    return (
        JobTypeRole.ORGANISATIONAL_ADMINISTRATOR in job_type_roles or DeskRole.ADMINISTRATOR in desk
    )


def entitlements_of(held: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    """Components to the UserIds that give them; roles add up per UserId (SSI-NFR-26, 27).

    Args:
        held: (UserId, components that a role gives on it) of the assignments in force.
    """
    reached: dict[str, set[str]] = {}
    for user_id, components in held:
        for component in components:
            reached.setdefault(component, set()).add(user_id)
    return {component: frozenset(ids) for component, ids in reached.items()}


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What a route asks for: one of the kinds of design section 5."""

    kind: str
    component: str = ""
    permission: DeskPermission | None = None
    alternatives: tuple["RouteRule", ...] = ()

    def admits_change(self, actor: Actor) -> bool:
        """Whether an actor whom the route admits may change things by it, suspensions considered.

        One's own account stays one's own whatever the organisation's standing.
        """
        match self.kind:
            case "public" | "own" | "set-up":
                return True
            case "any":
                return any(
                    rule.admits(actor) and rule.admits_change(actor) for rule in self.alternatives
                )
            case "component":
                return actor.suspension is Suspension.NONE and (
                    not actor.read_only
                    or bool(actor.writes_for(self.component))
                    or not actor.user_ids_for(self.component)
                )
            case _:
                return actor.suspension is Suspension.NONE

    def gives_only_change(self) -> bool:
        """Whether the route is for changing things alone."""
        if self.kind == "any":
            return any(rule.gives_only_change() for rule in self.alternatives)
        return self.component in WRITING_COMPONENTS

    def admits(self, actor: Actor | None) -> bool:
        """Whether this actor (None: not logged in) may use the route at all."""
        if self.kind == "public":
            return True
        if self.kind == "any":
            return any(rule.admits(actor) for rule in self.alternatives)
        return actor is not None and self._admits_known(actor)

    def _admits_known(self, actor: Actor) -> bool:
        match self.kind:
            case "component":
                return actor.may_use(self.component)
            case "desk":
                return self.permission is not None and actor.may_at_desk(self.permission)
            case "security-user":
                return actor.is_security_user
            case "feed":
                return bool(actor.feeds)
            case _:
                return True


PUBLIC = RouteRule("public")
OWN = RouteRule("own")
SET_UP = RouteRule("set-up")
"""One's own account, open also before the first log-in is finished."""
PARTS = RouteRule("parts")
SECURITY_USER = RouteRule("security-user")
"""Whoever looks after their own organisation's security (Job Type Role Security User)."""

FEED = RouteRule("feed")
"""A service account that pushes some kind of data; the action asks which."""


def component(name: str) -> RouteRule:
    """A route that asks for one functional component."""
    return RouteRule("component", component=name)


def desk(permission: DeskPermission) -> RouteRule:
    """A route that asks for a desk permission."""
    return RouteRule("desk", permission=permission)


def either(*rules: RouteRule) -> RouteRule:
    """A route open to whoever satisfies one of several rules."""
    return RouteRule("any", alternatives=rules)


def telephone_mistake(telephone: str) -> str:
    """What is wrong with a telephone number, or nothing: 7 to 15 digits, as people write them."""
    digits = [character for character in telephone if character.isdigit()]
    if len(telephone) > 40 or not set(telephone) <= set("0123456789 +()-.x#"):
        return "Enter a telephone number with digits, spaces and a leading + only."
    return "" if 7 <= len(digits) <= 15 else "Enter a telephone number of 7 to 15 digits."

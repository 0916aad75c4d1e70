"""What every page needs besides its own content: who is logged in and where they may go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from meterdesk.identity.rules import (
    OWN,
    SECURITY_USER,
    Actor,
    DeskPermission,
    RouteRule,
    Suspension,
    component,
    desk,
    either,
    suspension_message,
)
from meterdesk.organisations.access import may_share

__all__ = ["NAV", "DeskPermission", "component", "desk", "site"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the left navigation, shown only to those whom its rule admits.

    Attributes:
        key: the letter that goes there after `g`.
        also: admits people besides, by what their rights do not tell; asked only then.
        inside: where addresses of its pages begin that do not begin with its own.
    """

    section: str
    label: str
    url_name: str
    icon: str
    rule: RouteRule
    key: str = ""
    also: Callable[[Actor], bool] | None = None
    inside: str = ""

    def is_for(self, actor: Actor) -> bool:
        """Whether it is shown to this actor."""
        return self.rule.admits(actor) or (self.also is not None and self.also(actor))


def _is_officer(actor: Actor) -> bool:
    """Officers sign what their organisation shares, whether or not they administer it."""
    return may_share(actor, timezone.localdate())


NAV: list[NavItem] = [
    NavItem("Work", "Start", "search:home", "house", OWN, "s"),
    NavItem(
        "Find",
        "Inventory",
        "inventory:search",
        "cpu",
        component("UC_Inventory"),
        "d",
        inside="/premises/",
    ),
    NavItem("Find", "Portfolio", "inventory:portfolio", "boxes", component("UC_Inventory"), "p"),
    NavItem(
        "Network", "Service audit", "trail:search", "scroll-text", component("UC_ServiceAudit"), "t"
    ),
    NavItem(
        "Network",
        "Volumes",
        "trail:volumes",
        "chart-column",
        component("UC_ServiceAudit"),
        "v",
    ),
    NavItem("Network", "Meter reads", "trail:meter_reads", "gauge", component("UC_MeterRead"), "r"),
    NavItem(
        "Network", "Coverage", "coverage:search", "radio-tower", component("UC_CSPCoverage"), "c"
    ),
    NavItem("Network", "Hubs", "hubs:search", "router", component("UC_HubStatus"), "h"),
    NavItem(
        "Service",
        "Incidents",
        "incidents:list",
        "circle-alert",
        either(component("UC_ViewSMI"), desk(DeskPermission.QUEUE)),
        "i",
    ),
    NavItem(
        "Service",
        "Service requests",
        "catalogue:requests",
        "clipboard-list",
        component("UC_ServiceCatalogue"),
        "o",
    ),
    NavItem(
        "Administration",
        "People",
        "identity:people",
        "users",
        either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS)),
    ),
    NavItem(
        "Administration",
        "Sharing",
        "organisations:sharings",
        "handshake",
        either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS)),
        also=_is_officer,
    ),
    NavItem(
        "Administration",
        "Programs and tokens",
        "identity:service_accounts",
        "bot",
        either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS)),
        inside="/tokens/",
    ),
    NavItem(
        "Administration",
        "Networks",
        "identity:networks",
        "network",
        either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS)),
    ),
    NavItem(
        "Administration",
        "Activity",
        "identity:activity",
        "history",
        either(component("UC_OrgManager"), SECURITY_USER, desk(DeskPermission.ACTIVITY)),
    ),
    NavItem(
        "Administration",
        "Organisations",
        "organisations:list",
        "building-2",
        desk(DeskPermission.ACCOUNTS),
    ),
    NavItem(
        "Administration",
        "Identity providers",
        "federation:providers",
        "id-card",
        either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS)),
    ),
    NavItem(
        "Administration",
        "Failed log-ins",
        "federation:failures",
        "log-in",
        either(
            component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS), desk(DeskPermission.ASSIGN)
        ),
    ),
    NavItem(
        "Administration",
        "Service providers",
        "identity_provider:services",
        "waypoints",
        desk(DeskPermission.ACCOUNTS),
    ),
    NavItem("Desk", "Queue", "desk:queue", "inbox", desk(DeskPermission.QUEUE), "q"),
    NavItem(
        "Desk",
        "Requests",
        "desk:requests",
        "clipboard-list",
        desk(DeskPermission.ASSIGN),
        "w",
        inside="/catalogue/requests/",
    ),
    NavItem("Desk", "Categories", "desk:categories", "timer", desk(DeskPermission.QUEUE)),
    NavItem(
        "Desk",
        "Products lists",
        "inventory:products",
        "list-checks",
        desk(DeskPermission.NETWORK_DATA),
    ),
    NavItem("Desk", "Feeds", "desk:feeds", "activity", desk(DeskPermission.INTAKE)),
    NavItem("Desk", "Intake", "desk:intake", "upload", desk(DeskPermission.INTAKE)),
    NavItem(
        "Desk",
        "Registration data",
        "desk:registration",
        "folder-sync",
        desk(DeskPermission.NETWORK_DATA),
    ),
    NavItem(
        "Desk",
        "Coverage versions",
        "coverage:versions",
        "map",
        desk(DeskPermission.NETWORK_DATA),
    ),
]


def navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    """Sections of the left navigation for this actor; empty sections are left out."""
    places = [(item, reverse(item.url_name)) for item in NAV if item.is_for(actor)]
    begins = [(start, url) for item, url in places for start in (url, item.inside) if start]
    _, current = max(
        ((start, url) for start, url in begins if path.startswith(start)),
        key=lambda one: len(one[0]),
        default=("", ""),
    )
    sections: dict[str, list[dict[str, Any]]] = {}
    for item, url in places:
        entry = {
            "label": item.label,
            "url": url,
            "icon": item.icon,
            "key": item.key,
            "current": url == current and (url != "/" or path == "/"),
        }
        sections.setdefault(item.section, []).append(entry)
    return [{"title": title, "items": items} for title, items in sections.items()]


def _suspension_notice(actor: Actor) -> str:
    """What stands above every page of people whose changes are refused; nothing for others."""
    if actor.suspension is Suspension.READ_ONLY:
        return suspension_message(actor.suspension, actor.suspension_reason)
    if actor.read_only:
        user_ids = ", ".join(sorted(actor.read_only))
        return f"The network's operator has suspended to reading only: {user_ids}."
    return ""


def site(request: HttpRequest) -> dict[str, Any]:
    """Actor, session limits and navigation for the shell."""
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "actor": actor,
        "session_limit": getattr(request, "session_limit", None),
        "nav": navigation(actor, request.path) if actor else [],
        "suspension_notice": _suspension_notice(actor) if actor else "",
    }

"""The one table of routes: what each asks of whoever calls it (design section 5).

Keys are Django route patterns, ours and third parties', optionally with a method in front
(`POST api/v1/incidents`), which then wins. A route that is not here fails at start and is closed.
"""

from meterdesk.identity.rules import (
    OWN,
    PARTS,
    PUBLIC,
    DeskPermission,
    RouteRule,
    component,
    desk,
    either,
)

__all__ = ["OWN", "PARTS", "ROUTES", "DeskPermission", "component", "desk", "either", "rule_of"]

ROUTES: dict[str, RouteRule] = {
    # platform
    "theme": PUBLIC,
    "session": OWN,
    "gallery/": PUBLIC,
    "gallery/progress": PUBLIC,
    "gallery/bare/": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # identity
    # registration
    # inventory
    # trail
    # hubs
    # coverage
    "coverage/": component("UC_CSPCoverage"),
    "coverage/coverage.csv": component("UC_CSPCoverage"),
    # premises
    # search
    # incidents
    # desk
    # api: identity
    "api/v1/": PUBLIC,
    "api/v1/openapi.json": PUBLIC,
    "api/v1/docs": PUBLIC,
    # api: registration and premises
    # api: inventory
    # api: trail
    # api: hubs and coverage
    "api/v1/coverage": component("UC_CSPCoverage"),
    # api: incidents
}


def rule_of(method: str, route: str) -> RouteRule | None:
    """The rule of a route for a method, or None when the table does not know it."""
    return ROUTES.get(f"{method} {route}") or ROUTES.get(route)

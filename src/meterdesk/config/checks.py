"""Start-up checks: every route stands in the table of routes, and every row of it exists."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from meterdesk.config.routes import ROUTES


def every_route(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every route pattern of the site, as `request.resolver_match.route` spells it."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_route(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


@register()
def check_routes(**_kwargs: Any) -> list[Error]:
    """Compare the table of routes with the routes there are."""
    routes = set(every_route())
    known = {key.split(" ", 1)[1] if " " in key else key for key in ROUTES}
    unknown = [
        Error(f"Route {route!r} is not in config/routes.py.", id="meterdesk.E001")
        for route in sorted(routes - known)
    ]
    stale = [
        Error(f"config/routes.py names {route!r}, which does not exist.", id="meterdesk.E002")
        for route in sorted(known - routes)
    ]
    return unknown + stale

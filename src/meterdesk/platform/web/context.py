"""What the frame itself needs to know of a request: theme, folded navigation, request id."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

THEMES = ("light", "dark", "auto")


def theme_of(request: HttpRequest) -> str:
    """Return the theme chosen in this browser: light, dark or auto."""
    theme = request.COOKIES.get("theme", "auto")
    return theme if theme in THEMES else "auto"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs beside navigation and actor."""
    return {
        "theme": theme_of(request),
        "nav_narrow": request.COOKIES.get("nav") == "narrow",
        "request_id": getattr(request, "request_id", ""),
        "here": request.get_full_path(),
    }

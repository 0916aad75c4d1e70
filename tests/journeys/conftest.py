"""Chromium for the journeys, and the question whether a page is accessible."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 320, "height": 640}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; nothing is downloaded."""
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fail with a readable list when axe finds anything, or when the page scrolls sideways."""

    def check(page: Page) -> None:
        violations = Axe().run(page).response["violations"]
        found = [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
            for rule in violations
            for node in rule["nodes"]
        ]
        assert found == [], page.url
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    return check


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains of: blocked content, script errors, failed requests."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "console",
        lambda message: (
            heard.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    return heard

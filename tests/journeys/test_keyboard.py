"""The jobs of a day with the keyboard alone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.home import ADDRESS, enter, find, make_cut_off_home

from meterdesk.inventory.tests.files import MPAN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("SSI-NFR-21"),
]


def test_a_meter_its_hub_and_the_portfolio_are_a_few_keys_away(
    page: Page, live_server: Any, tmp_path: Path
) -> None:
    enter(page, live_server.url, make_cut_off_home(tmp_path).manager)
    page.goto(live_server.url)
    find(page, MPAN)
    expect(page.get_by_role("heading", name=ADDRESS)).to_be_visible()

    page.keyboard.press("a")
    expect(page.get_by_role("link", name="Hub diagnostics")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Communications hub diagnostics")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Communications hubs")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Portfolio")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_label("Whose")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    with page.expect_download() as taken:
        page.keyboard.press("x")
    assert MPAN in Path(taken.value.path()).read_text()

"""The API's reference in Chromium: readable by everybody, in both themes, also on a phone."""

import pytest
from playwright.sync_api import Page

from .conftest import NARROW, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reference_is_accessible(
    page: Page, live_server, assert_accessible, complaints: list[str], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/api/v1/docs")
        for summary in page.locator("#get_device summary, #raise_incident summary").all():
            summary.click()
        assert_accessible(page)
    assert complaints == []

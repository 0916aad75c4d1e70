"""The frame and every component in a real browser: both themes, both widths, with and without
scripts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .conftest import NARROW, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_gallery_is_accessible(
    page: Page,
    live_server: Any,
    assert_accessible: Callable[[Page], None],
    complaints: list[str],
    scheme: Any,
    size: Any,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    for address in ("/gallery/", "/gallery/bare/"):
        page.goto(live_server.url + address)
        assert_accessible(page)
    assert complaints == []


def test_keyboard_reaches_the_box_the_list_of_keys_and_the_rows(
    page: Page, live_server: Any
) -> None:
    page.goto(live_server.url + "/gallery/bare/")
    page.goto(live_server.url + "/gallery/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("?")
    expect(page.locator("#find")).to_have_value("?")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_label("Single-key shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#find")).not_to_be_focused()
    page.evaluate("localStorage.removeItem('keys')")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="00-DB-12-34-56-78-90-A1")).to_be_focused()


def test_sorting_replaces_the_list_alone_and_says_what_is_shown(
    page: Page, live_server: Any
) -> None:
    page.goto(live_server.url + "/gallery/?status=x")
    page.evaluate("window.kept = true")
    page.get_by_role("link", name="Type", exact=True).click()
    expect(page.get_by_role("columnheader", name="Type")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert page.url.endswith("/gallery/?status=x&sort=type")
    assert page.evaluate("window.kept") is True
    expect(page.locator("#live")).to_have_text("1 to 50 of 10,000+ Devices")


def test_theme_is_chosen_and_remembered(page: Page, live_server: Any) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(live_server.url + "/gallery/bare/")
    page.locator("summary", has_text="Theme").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    shade = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", shade)) < 40


def test_a_draft_outlives_the_page_and_can_be_dropped(page: Page, live_server: Any) -> None:
    page.goto(live_server.url + "/gallery/")
    form = page.locator("form[data-draft=gallery]")
    form.get_by_label("What happened").fill("The hub lost power.")
    form.get_by_label("A whole region").check()
    page.goto(live_server.url + "/gallery/bare/")
    page.goto(live_server.url + "/gallery/")
    expect(form.get_by_label("What happened")).to_have_value("The hub lost power.")
    expect(form.get_by_label("A whole region")).to_be_checked()
    form.get_by_role("button", name="Start afresh").click()
    page.reload()
    expect(form.get_by_label("What happened")).to_have_value("")


@pytest.mark.req("SSI-NFR-20")
def test_session_warning_comes_two_minutes_before_and_can_be_put_off(
    page: Page, live_server: Any
) -> None:
    def with_session(route: Route) -> None:
        answer = route.fetch()
        attributes = (
            '<body data-session-ends="2026-11-22T22:35:00Z" data-idle-seconds="870" '
            'data-keep-alive="/session"'
        )
        route.fulfill(response=answer, body=answer.text().replace("<body", attributes, 1))

    kept_alive: list[str] = []

    def keep_alive(route: Route) -> None:
        kept_alive.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/gallery/", with_session)
    page.route("**/session", keep_alive)
    page.clock.install(time="2026-11-22T14:05:00Z")
    page.goto(live_server.url + "/gallery/")
    warning = page.get_by_role("dialog", name="Your session is about to end")
    page.clock.run_for("12:20")
    expect(warning).to_be_hidden()
    page.clock.run_for("00:20")
    expect(warning).to_contain_text("2 minutes")
    expect(page.locator("#live")).to_contain_text("You will be logged out in 2 minutes.")
    page.get_by_role("button", name="Stay logged in").click()
    expect(warning).to_be_hidden()
    assert kept_alive == ["POST"]


def test_frame_works_without_scripts(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=NARROW, color_scheme="light")
    page = context.new_page()
    page.goto(live_server.url + "/gallery/")
    page.get_by_role("link", name="Menu").click()
    expect(page.get_by_role("link", name="Audit trail")).to_be_visible()
    page.goto(live_server.url + "/gallery/?sort=-type")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Type")
    page.locator("summary", has_text="Ada Pemberton").or_(
        page.locator(".bar summary")
    ).first.click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/gallery/?sort=-type")
    context.close()

"""Taking files in at the desk, and finding what came in by the box, as people see it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.home import enter, look

from meterdesk.desk.jobs import run_intake
from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import make_person
from meterdesk.platform.models import IntakeRun
from meterdesk.registration.tests.files import (
    HEADER,
    IMPORT_MPAN,
    electricity,
    gas,
    make_parties,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Accessible = Callable[[Page], None]


@pytest.fixture
def files(settings, tmp_path: Path) -> Path:
    """A folder with files to send; what is sent is kept elsewhere."""
    settings.MEDIA_ROOT = tmp_path / "kept"
    rows = [electricity(), electricity("2030-06-01"), gas(), electricity(mpan="1012345678905")]
    rows += [f"{number},IMPORT,soon,,,,,,,,," for number in range(60)]
    (tmp_path / "registration.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return tmp_path


@pytest.mark.req("REG-1", "SSI-NFR-21")
def test_files_are_sent_watched_and_their_refusals_saved(
    page: Page, live_server, files: Path, assert_accessible: Accessible, complaints: list[str]
) -> None:
    make_parties()
    enter(page, live_server.url, make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    page.goto(f"{live_server.url}/desk/intake/")
    look(page, assert_accessible)
    page.get_by_role("link", name="Take in files").first.click()
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("link", name="Choose what the files hold.")).to_be_visible()
    look(page, assert_accessible)
    page.get_by_label("Registration", exact=True).check()
    page.get_by_label("Files").set_input_files(files / "registration.csv")
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    look(page, assert_accessible)
    run_intake(run_id=IntakeRun.objects.get().pk)
    expect(page.get_by_text("50 of 61 refused")).to_be_visible()
    look(page, assert_accessible)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download refusals").click()
    assert len(saved.value.path().read_text(encoding="utf-8-sig").splitlines()) == 62
    # The form sent with nothing in it is answered with 422, which Chromium notes.
    assert [one for one in complaints if "422" not in one] == []


@pytest.mark.req("SSI-FR-2")
def test_the_box_is_reached_by_a_key_and_says_what_it_thinks(
    page: Page, live_server, files: Path, assert_accessible: Accessible, complaints: list[str]
) -> None:
    make_parties()
    enter(page, live_server.url, make_person("ada", desk=[DeskRole.AGENT]))
    page.goto(f"{live_server.url}/find")
    look(page, assert_accessible)
    page.keyboard.press("/")
    page.keyboard.type(f"{IMPORT_MPAN[:-1]}4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("its check digit is wrong; it should end in 3")).to_be_visible()
    look(page, assert_accessible)
    assert complaints == []

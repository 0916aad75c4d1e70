"""Where postcodes are, and the map drawn of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.coverage.actions.switching import ask_switch, switch_version
from meterdesk.coverage.models import OutcodePlace, OutcodeSummary, PostcodePlace
from meterdesk.coverage.rules.maps import Mark, commonest, frame_of, grid_of, parse_place
from meterdesk.coverage.tests.test_intake import GOOD, HEADER, counts, taken
from meterdesk.coverage.tests.test_versions import WHOLE, load
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import run_intake
from meterdesk.platform.models import IntakeRun

pytestmark = pytest.mark.django_db
POINTS = (
    "postcode,easting,northing\nAB1 0AJ,384779,800921\nab10dj,385350,801340\nM1 1AA,384000,398000\n"
)


def placed(folder: Path, text: str) -> IntakeRun:
    path = folder / "places.csv"
    path.write_text(text, encoding="utf-8")
    return run_intake("places", [path])


@pytest.fixture
def reader() -> Any:
    return make_person("", [(make_user_id(), JobTypeRole.CALL_CENTRE_USER)])


@pytest.mark.req("SSI-FR-12")
@pytest.mark.parametrize(
    ("latitude", "longitude", "easting", "northing"),
    [(51.4779, -0.0015, 538882, 177321), (57.1437, -2.0981, 394163, 805841)],
)
def test_degrees_become_metres_of_the_grid(
    latitude: float, longitude: float, easting: int, northing: int
) -> None:
    found = grid_of(latitude, longitude)
    assert abs(found[0] - easting) < 250
    assert abs(found[1] - northing) < 250


@pytest.mark.req("SSI-FR-12")
@given(
    st.dictionaries(st.sampled_from(["latitude", "longitude", "easting", "northing"]), st.text())
)
def test_any_text_is_a_place_in_great_britain_or_refused(row: dict[str, str]) -> None:
    try:
        place = parse_place({"postcode": "AB1 0AJ", **row})
    except Refused as refused:
        assert refused.code in {"bad_position", "outside"}
    else:
        assert 0 <= place.easting <= 700_000
        assert 0 <= place.northing <= 1_300_000


@pytest.mark.req("SSI-FR-15")
def test_an_outcode_shows_what_most_have_and_of_equals_the_worse() -> None:
    assert commonest({Mark.HIGH: 3, Mark.LOW: 2}) is Mark.HIGH
    assert commonest({Mark.HIGH: 2, Mark.LOW: 2}) is Mark.LOW


@pytest.mark.req("SSI-FR-12")
@given(st.lists(st.tuples(st.integers(0, 700_000), st.integers(0, 1_300_000)), min_size=1))
def test_every_place_is_inside_its_frame(places: list[tuple[int, int]]) -> None:
    frame = frame_of(places, 1.8)
    for place in places:
        x, y = frame.at(*place)
        assert 0 <= x <= frame.width
        assert 0 <= y <= frame.height
    assert frame.width >= 1.79 * frame.height


@pytest.mark.database
@pytest.mark.req("SSI-FR-12")
def test_an_outcode_stands_amid_its_postcodes_until_a_file_says_where(tmp_path: Path) -> None:
    assert counts(placed(tmp_path, POINTS)) == (3, 0, 0)
    assert counts(placed(tmp_path, POINTS)) == (0, 3, 0)
    middle = OutcodePlace.objects.get(outcode="AB1")
    assert (middle.easting, middle.northing) == (385065, 801131)
    said = "postcode,latitude,longitude\nAB1,57.1437,-2.0981\nAB1 0AJ,0,0\nAB1 0AJ,x,1\nAB,57,-2\n"
    run = placed(tmp_path, said)
    assert counts(run) == (1, 0, 3)
    codes = list(run.refusals.order_by("line").values_list("code", flat=True))
    assert codes == ["outside", "bad_position", "invalid_identifier"]
    placed(tmp_path, POINTS.replace("384779", "384000"))
    assert PostcodePlace.objects.get(postcode="AB1 0AJ").easting == 384000
    assert OutcodePlace.objects.get(outcode="AB1").easting > 390_000


@pytest.mark.database
@pytest.mark.req("SSI-FR-13", "SSI-FR-15")
def test_what_an_outcode_has_is_counted_with_each_change(tmp_path: Path) -> None:
    def summaries() -> list[tuple[Any, ...]]:
        rows = OutcodeSummary.objects.order_by("outcode")
        return list(rows.values_list("outcode", "high", "medium", "low", "unsaid", "without"))

    taken(tmp_path / "c.csv", GOOD)
    assert summaries() == [("AB1", 1, 0, 0, 0, 0), ("CB1", 0, 0, 0, 0, 1)]
    taken(tmp_path / "c.csv", HEADER + "AB1 0DJ,,North,Yes,,,,,,,,\n")
    assert summaries()[0] == ("AB1", 1, 0, 0, 1, 0)
    _run, loaded = load(tmp_path, WHOLE)
    ask_switch(None, loaded.pk, at=timezone.now())
    assert switch_version(loaded.pk, at=timezone.now())
    assert summaries() == [
        ("AB1", 0, 0, 0, 0, 1), ("CB1", 1, 0, 0, 0, 0), ("M1", 1, 0, 0, 0, 0),
    ]  # fmt: skip


@pytest.mark.req("SSI-FR-12", "SSI-FR-15")
def test_the_country_has_a_mark_an_outcode_and_an_outcode_one_a_postcode(
    client: Client, reader: Any, tmp_path: Path
) -> None:
    taken(tmp_path / "c.csv", GOOD + "AB1 0DJ,,North,Yes,,Low,,,,,,\nAB1 9ZZ,,North,Yes,,,,,,,,\n")
    log_in(client, reader)
    assert "no places of postcodes have been taken in" in client.get("/coverage/").content.decode()
    placed(tmp_path, POINTS)
    country = client.get("/coverage/").content.decode()
    assert re.findall(r'<a href="(\S+)" tabindex="-1" class="(\w+)"', country) == [
        ("?outcode=AB1", "low")
    ]
    assert '<a href="?outcode=CB1">CB1</a>' in country
    assert "style=" not in country
    outcode = client.get("/coverage/?outcode=AB1").content.decode()
    assert re.findall(r'<a href="(\S+)" tabindex="-1" class="(\w+)"', outcode) == [
        ("?postcode=AB1+0AJ", "high"),
        ("?postcode=AB1+0DJ", "low"),
    ]
    assert "AB1 9ZZ" in outcode
    assert client.get("/coverage/?outcode=AB1 0AJ x").status_code == 422


@pytest.mark.req("SSI-FR-12", "SSI-FR-15")
def test_the_map_and_the_versions_by_api(client: Client, reader: Any, tmp_path: Path) -> None:
    taken(tmp_path / "c.csv", GOOD)
    load(tmp_path, WHOLE)
    mine = bearer(reader)
    page = client.get("/api/v1/coverage/outcodes?limit=1", **mine).json()
    assert page["items"] == [
        {"outcode": "AB1", "high": 1, "medium": 0, "low": 0, "without": 0, "unsaid": 0}
    ]
    rest = client.get(f"/api/v1/coverage/outcodes?cursor={page['next']}", **mine).json()
    assert [one["outcode"] for one in rest["items"]] == ["CB1"]
    assert client.get("/api/v1/coverage/versions", **mine).status_code == 403
    desk = bearer(make_person("agent", desk=[DeskRole.AGENT]))
    (version,) = client.get("/api/v1/coverage/versions", **desk).json()["items"]
    assert (version["state"], version["rows"], version["refused"]) == ("READY", 3, 0)

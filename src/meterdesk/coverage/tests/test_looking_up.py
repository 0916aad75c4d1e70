"""Looking coverage up: by postcode, property, outcode and Device, on screen, as CSV and by API."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.rules import JobTypeRole, UserRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.inventory.tests.files import METER, device_row, take_in
from meterdesk.platform.intake import run_intake

pytestmark = pytest.mark.django_db

ROWS = """\
postcode,property,csp_region,coverage_available,anticipated_date,likelihood,wan_variant,\
auxiliary_equipment,exemption_category_2,exemption_ends_date,known_issue,likely_resolution
AB1 0AJ,,North,Yes,,High,Standard 420,,No,,,
AB1 0AJ,12,North,No,2027-03-31,Low,Variant 450,External aerial,Yes,2028-01-01,=Thick walls,
AB1 0DJ,,North,No,No Coverage Intended,,,,,,,
AB10 1AA,,Central,Yes,,Medium,Cellular,,,,,
"""


@pytest.fixture(autouse=True)
def coverage(tmp_path: Path) -> None:
    path = tmp_path / "coverage.csv"
    path.write_text(ROWS, encoding="utf-8")
    run_intake("coverage", [path])


@pytest.fixture
def person() -> Any:
    return make_person("", [(make_user_id(role=UserRole.IS), JobTypeRole.CALL_CENTRE_USER)])


@pytest.fixture
def screen(client: Client, person: Any) -> Client:
    log_in(client, person)
    return client


def listed(client: Client, person: Any, query: str) -> dict[str, Any]:
    response = client.get(f"/api/v1/coverage?{query}", **bearer(person))
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.req("SSI-FR-12", "SSI-FR-13")
def test_a_postcode_answers_with_itself_and_what_differs_from_it(
    client: Client, person: Any
) -> None:
    items = listed(client, person, "postcode=ab10aj")["items"]
    assert [(one["postcode"], one["property"]) for one in items] == [
        ("AB1 0AJ", None),
        ("AB1 0AJ", "12"),
    ]
    assert items[1] == {
        "csp": "CSP North",
        "csp_region": "North",
        "postcode": "AB1 0AJ",
        "property": "12",
        "coverage_available": False,
        "anticipated_date": "2027-03-31",
        "no_coverage_intended": False,
        "likelihood": "Low",
        "wan_variant": "Variant 450",
        "auxiliary_equipment": "External aerial",
        "exemption_category_2": True,
        "exemption_ends_date": "2028-01-01",
        "known_issue": "=Thick walls",
        "likely_resolution": None,
        "additional_information": "Within a Service Exemption Category 2 area until "
        "1 January 2028. =Thick walls.",
    }


@pytest.mark.req("SSI-FR-12")
def test_a_property_answers_with_its_own_row_or_its_postcodes(client: Client, person: Any) -> None:
    own = listed(client, person, "postcode=AB1 0AJ&property=12")["items"]
    other = listed(client, person, "postcode=AB1 0AJ&property=1")["items"]
    assert [one["property"] for one in own] == ["12"]
    assert [one["property"] for one in other] == [None]


@pytest.mark.req("SSI-FR-12")
def test_an_outcode_answers_page_by_page_and_never_with_a_longer_one(
    client: Client, person: Any
) -> None:
    first = listed(client, person, "outcode=ab1&limit=2")
    rest = listed(client, person, f"outcode=ab1&limit=2&cursor={first['next']}")
    places = [(one["postcode"], one["property"]) for one in first["items"] + rest["items"]]
    assert places == [("AB1 0AJ", None), ("AB1 0AJ", "12"), ("AB1 0DJ", None)]
    assert rest["next"] is None


@pytest.mark.req("SSI-FR-12", "SSI-NFR-22")
@pytest.mark.parametrize(
    "query", ["", "postcode=AB1", "outcode=AB1 0AJ", "postcode=AB1 0AJ&outcode=AB1", "property=12"]
)
def test_what_cannot_be_looked_up_is_said(client: Client, person: Any, query: str) -> None:
    response = client.get(f"/api/v1/coverage?{query}", **bearer(person))
    assert response.status_code == 422
    assert response.json()["detail"]


@pytest.mark.req("SSI-FR-13", "SSI-FR-15")
def test_the_screen_shows_every_column_for_one_place(screen: Client) -> None:
    page = screen.get("/coverage/", {"postcode": "ab10aj", "property": "12"}).content.decode()
    for text in (
        "CSP North",
        "31 Mar 2027",
        "Low",
        "Variant 450",
        "External aerial",
        "Service Exemption Category 2",
    ):
        assert text in page
    assert "No Coverage Intended" in screen.get("/coverage/?postcode=AB1 0DJ").content.decode()


@pytest.mark.req("SSI-FR-13")
def test_the_download_has_the_same_columns_and_no_formula(screen: Client) -> None:
    response = screen.get("/coverage/coverage.csv?postcode=AB1")
    assert response["Content-Disposition"] == 'attachment; filename="coverage-ab1.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["Postcode"] for row in rows] == ["AB1 0AJ", "AB1 0AJ", "AB1 0DJ"]
    assert rows[1]["Additional information"].startswith("Within a Service Exemption")
    assert rows[2]["Anticipated coverage"] == "No Coverage Intended"
    assert not any(value.startswith("=") for row in rows for value in row.values())


@pytest.mark.req("SSI-FR-14", "SSI-FR-15")
def test_a_device_link_has_already_searched(screen: Client, tmp_path: Path) -> None:
    take_in(tmp_path, [device_row(METER, "ESME", csp_region="North")])
    page = screen.get("/coverage/", {"device_id": METER}).content.decode()
    assert "Variant 450" in page


@pytest.mark.req("DIAG-1")
def test_a_smets1_device_is_answered_with_its_s1sp(screen: Client, tmp_path: Path) -> None:
    take_in(tmp_path, [device_row(METER, "ESME", csp_region="SMETS1", s1sp="Secure")])
    page = screen.get("/coverage/", {"device_id": METER}).content.decode()
    assert "SM WAN coverage does not apply" in page
    assert "Secure" in page
    assert "Variant 450" not in page


@pytest.mark.req("SSI-FR-14")
def test_an_unknown_device_is_not_found(screen: Client) -> None:
    assert screen.get("/coverage/", {"device_id": METER}).status_code == 404


@pytest.mark.req("SSI-NFR-2")
def test_a_role_without_the_component_may_not_look(client: Client) -> None:
    person = make_person("", [(make_user_id(), JobTypeRole.SECURITY_USER)])
    log_in(client, person)
    assert client.get("/coverage/?postcode=AB1 0AJ").status_code == 403
    assert client.get("/api/v1/coverage?outcode=AB1", **bearer(person)).status_code == 403

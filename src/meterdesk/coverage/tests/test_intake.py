"""The coverage file: what is taken in, what is refused, and that a second run changes nothing."""

from pathlib import Path

import pytest

from meterdesk.coverage.queries import coverage_for_premises
from meterdesk.platform.intake import Unreadable, run_intake
from meterdesk.platform.models import IntakeRefusal, IntakeRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HEADER = (
    "postcode,property,csp_region,coverage_available,anticipated_date,likelihood,wan_variant,"
    "auxiliary_equipment,exemption_category_2,exemption_ends_date,known_issue,likely_resolution\n"
)
GOOD = HEADER + (
    "ab1 0aj,,North,Yes,,High,Standard 420,,No,,,\n"
    'AB1 0AJ,"Rose Cottage, rear",North,No,2027-03-31,Low,Variant 450,External aerial,'
    "Yes,2028-01-01,Thick walls,Mast planned\n"
    "CB1 2ZZ,,South,No,No Coverage Intended,,,,,,,\n"
)


def taken(path: Path, text: str) -> IntakeRun:
    path.write_text(text, encoding="utf-8")
    return run_intake("coverage", [path])


def counts(run: IntakeRun) -> tuple[int, int, int]:
    return run.accepted, run.unchanged, run.refused


@pytest.mark.req("SSI-FR-13")
def test_a_row_comes_in_once_and_says_everything_it_said(tmp_path: Path) -> None:
    assert counts(taken(tmp_path / "c.csv", GOOD)) == (3, 0, 0)
    assert counts(run_intake("coverage", [tmp_path / "c.csv"])) == (0, 3, 0)
    cottage = coverage_for_premises("AB1 0AJ", "ROSE COTTAGE REAR")
    assert cottage is not None
    assert cottage.anticipated_text == "2027-03-31"
    assert cottage.csp == "CSP North"
    assert cottage.additional_information == (
        "Within a Service Exemption Category 2 area until 1 January 2028. Thick walls. "
        "Likely resolution: Mast planned."
    )
    none = coverage_for_premises("CB1 2ZZ", "1")
    assert none is not None
    assert none.anticipated_text == "No Coverage Intended"


@pytest.mark.req("SSI-FR-13")
def test_a_changed_row_replaces_what_was_held(tmp_path: Path) -> None:
    taken(tmp_path / "c.csv", GOOD)
    changed = GOOD.replace("North,Yes,,High", "North,Yes,,Medium")
    assert counts(taken(tmp_path / "d.csv", changed)) == (1, 2, 0)
    held = coverage_for_premises("AB1 0AJ", "7")
    assert held is not None
    assert held.likelihood == "Medium"


@pytest.mark.req("SSI-FR-13")
def test_what_is_wrong_is_refused_by_line_and_the_rest_comes_in(tmp_path: Path) -> None:
    bad = GOOD + (
        "AB1,,North,Yes,,,,,,,,\n"
        "AB1 0DJ,,East,Yes,,,,,,,,\n"
        "AB1 0DJ,,North,Maybe,,,,,,,,\n"
        "AB1 0DJ,,North,No,31/03/2027,,,,,,,\n"
        "AB1 0DJ,,North,Yes,,Huge,,,,,,\n"
        "CB1 2ZZ,,South,Yes,,High,,,,,,\n"
        "CB1 2ZZ,,South,Yes,,High,,,,,,\n"
    )
    assert counts(taken(tmp_path / "c.csv", bad)) == (3, 1, 6)
    refused = dict(IntakeRefusal.objects.values_list("line", "code"))
    assert refused == {
        4: "said_again",
        5: "invalid_identifier",
        6: "bad_csp_region",
        7: "bad_coverage_available",
        8: "bad_anticipated_date",
        9: "bad_likelihood",
    }


@pytest.mark.req("SSI-FR-13")
def test_a_file_of_another_kind_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="csp_region"):
        taken(tmp_path / "c.csv", "postcode,elsewhere\nAB1 0AJ,x\n")

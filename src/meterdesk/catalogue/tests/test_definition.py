"""The catalogue as a file: read, refused with the place, loaded in versions."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import meterdesk.catalogue
from meterdesk.catalogue.actions import load_catalogue, take_step
from meterdesk.catalogue.queries import catalogue, request
from meterdesk.catalogue.rules.definition import (
    Field,
    FieldKind,
    check_answers,
    read_catalogue,
)
from meterdesk.catalogue.rules.states import RequestVerb
from meterdesk.catalogue.tests.scene import Scene
from meterdesk.kernel.errors import Conflict, Refused

TEXT = (Path(meterdesk.catalogue.__file__).parent / "data" / "catalogue.toml").read_text("utf-8")


@pytest.mark.req("SSI-FR-56")
@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('kind = "date"', 'kind = "datum"', "field 2"),
        ('choices = ["CSV", "XLSX", "JSON"]', "choices = []", "field 4"),
        ('name = "until"', 'name = "from"', "from stands there twice"),
        ('code = "general"', 'code = "question"', "question stands there twice"),
        ('title = "Advice"', 'title = ""', "category 2, service 1"),
        ('code = "general"', 'code = "General!"', "lower-case"),
        ('code = "general"', 'code = "general"\n    colour = "red"', "colour is not known here"),
        ('code = "general"', 'code = "general"\n    kind = "dispute"', "only one request type"),
        ('version = "1"', "", "version"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(before: str, after: str, place: str) -> None:
    assert before in TEXT
    with pytest.raises(Refused, match=place):
        read_catalogue(tomllib.loads(TEXT.replace(before, after)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "category", "service", "code", "title", "field", "kind"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["version", "category", "x"]), JSON, max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused(content: dict[str, Any]) -> None:
    try:
        read_catalogue(content)
    except Refused as refused:
        assert refused.code == "bad_catalogue"


@given(st.sampled_from(FieldKind), st.text(max_size=40))
def test_whatever_is_answered_is_taken_or_told(kind: FieldKind, typed: str) -> None:
    field = Field("one", "One", kind, required=True, hint="", choices=("A", "B"))
    answers, wrong = check_answers([field], {"one": typed, "other": "x"})
    assert ("one" in answers) is not ("one" in wrong)
    assert "other" in wrong
    if "one" in answers:
        again, _ = check_answers([field], answers)
        assert again == answers


@pytest.mark.database
@pytest.mark.req("SSI-FR-56")
def test_a_request_keeps_the_version_it_was_raised_under(scene: Scene) -> None:
    reference = scene.ask()
    raiser, now = scene.actor("raiser"), timezone.now()
    assert load_catalogue(TEXT, at=now)[1] is False
    with pytest.raises(Conflict):
        load_catalogue(TEXT.replace("Advice", "Counsel"), at=now)
    later = TEXT.replace('version = "1"', 'version = "2"').replace(
        'label = "What you need"', 'label = "Your wish"'
    )
    load_catalogue(later, at=now, dry_run=True)
    assert catalogue().version == "1"
    load_catalogue(later, at=now)
    assert catalogue().version == "2"
    assert "What you need" in {one.label for one in request(raiser, reference, now=now).answers}
    newer = request(raiser, scene.ask(), now=now)
    assert "Your wish" in {one.label for one in newer.answers}
    take_step(raiser, reference, RequestVerb.COMMENT, now, text="Still the same.")

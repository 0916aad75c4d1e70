"""Components escape what they are given, say what they mean, and keep the address."""

import re

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from meterdesk.platform.tables import Column, Table, TableView

NASTY = '"><script>alert(1)</script>'


def draw(markup: str, query: str = "", **values: object) -> str:
    request = RequestFactory().get(f"/list{query}")
    return Template("{% load ui %}" + markup).render(Context({"request": request, **values}))


@pytest.mark.parametrize(
    "markup",
    [
        "{% status 'good' x %}",
        "{% ident x label=x %}",
        "{% page_head x back_url=x back_label=x lead=x %}{% endpage_head %}",
        "{% panel x id=x %}{{ x }}{% endpanel %}",
        "{% alert 'warn' x %}{{ x }}{% endalert %}",
        "{% details x %}{{ x }}{% enddetails %}",
        "{% facts %}{% fact_line x x %}{% fact x %}{{ x }}{% endfact %}{% endfacts %}",
        "{% branch x url=x %}{% slot 'more' %}{{ x }}{% endslot %}{% endbranch %}",
        "{% tab x x count=x %}",
        "{% steps x 1 %}",
        "{% confirmation x reference=x %}{{ x }}{% endconfirmation %}",
        "{% answer x change_url=x %}{{ x }}{% endanswer %}",
        "{% table x rows=1 %}<tr>{% row_link x x %}{% num x %}</tr>{% endtable %}",
        "{% table x rows=0 empty=x %}{% endtable %}",
        "{% th x sort=x %}",
        "{% pager next=x previous=x %}",
        "{% button x name=x value=x %}{% link_button x x %}",
        "{% count 1 2 x %}{% kbd x %}{% freshness None x %}",
        "{% progress 1 2 x poll_url=x note=x %}",
        "{% menu x %}{{ x }}{% endmenu %}{% region x %}{% endregion %}",
    ],
)
def test_values_are_escaped(markup: str) -> None:
    assert "<script" not in draw(markup, x=NASTY)


def test_slots_belong_to_the_component_around_them() -> None:
    page = draw(
        "{% panel 'Outer' %}{% slot 'actions' %}OUT{% endslot %}"
        "{% panel 'Inner' %}body{% endpanel %}{% endpanel %}"
    )
    assert page.count("OUT") == 1
    assert page.index("OUT") < page.index("Inner")


def test_status_refuses_a_kind_without_shape_and_colour() -> None:
    with pytest.raises(ValueError, match="A status is one of"):
        draw("{% status 'urgent' 'Now' %}")


@pytest.mark.parametrize(
    ("query", "state", "target"),
    [
        ("?q=a", None, "?q=a&amp;sort=raised"),
        ("?q=a&sort=raised&after=c", "ascending", "?q=a&amp;sort=-raised"),
        ("?q=a&sort=-raised", "descending", "?q=a&amp;sort=raised"),
    ],
)
def test_sort_link_keeps_the_filters_and_begins_at_the_first_page(
    query: str, state: str | None, target: str
) -> None:
    head = draw("{% th 'Raised' sort='raised' %}", query)
    assert f'href="{target}"' in head
    assert re.findall('aria-sort="(.*?)"', head) == ([state] if state else [])


def test_a_column_that_is_hidden_has_neither_head_nor_cells() -> None:
    columns = (Column("a", NASTY, always=True), Column("b", "Bee", sort="b"), Column("c", "Cee"))
    view = TableView(Table(NASTY, columns, sort="-b"), columns, frozenset({"a", "c"}))
    markup = "{% heads %}{% td 'b' css='mono' %}x{% endtd %}{% td 'c' %}y{% endtd %}"
    page = draw(markup, table=view)
    assert "<script" not in page
    assert page.count("<th ") == 2
    assert re.findall('aria-sort="(.*?)"', page) == ["descending"]
    assert page.endswith('<td class="mono">x</td>')
    with pytest.raises(ValueError, match="no column 'd'"):
        draw("{% td 'd' %}{% endtd %}", table=view)


def test_table_tools_keep_the_filters_and_begin_the_file_at_its_first_row() -> None:
    columns = (Column("a", NASTY, always=True), Column("b", "Bee"))
    view = TableView(Table("people", columns), columns, frozenset({"b"}), 100)
    page = draw("{% table_tools '/x.csv' %}", f"?q={NASTY}&after=c1", table=view)
    assert "<script" not in page
    assert re.search(r'href="/x.csv\?q=[^"&]*" hx-boost="false" download', page)
    assert re.findall(r'value="(\w+)" checked', page) == ["a", "100"]
    assert 'action="/tables/people/"' in page


def test_pager_keeps_the_filters_and_is_absent_for_one_page() -> None:
    assert draw("{% pager next=None %}") == ""
    page = draw("{% pager next='c2' %}", "?q=a&after=c1")
    assert 'href="?q=a&amp;after=c2" rel="next"' in page
    assert 'href="?q=a"' in page


def test_counts_say_when_they_stopped_counting() -> None:
    assert ">50 of 10,000+ incidents<" in draw("{% count 50 10000 'incidents' capped=True %}")
    assert ">51 to 60 of 60 rows<" in draw("{% count 10 60 'rows' first=51 %}")
    assert ">3 rows<" in draw("{% count 3 3 'rows' %}")


class _Form(forms.Form):
    use_required_attribute = False
    mpxn = forms.CharField(
        label="MPAN", help_text="13 digits", error_messages={"required": "Enter the MPAN"}
    )
    impact = forms.ChoiceField(
        label="Impact", widget=forms.RadioSelect, choices=[("a", "One"), ("b", "Many")]
    )


@pytest.mark.req("SSI-NFR-22")
def test_field_ties_hint_and_error_to_its_input() -> None:
    page = draw(
        "{% error_summary form %}{% field form.mpxn %}{% field form.impact %}", form=_Form({})
    )
    assert 'aria-describedby="id_mpxn_hint id_mpxn_problem"' in page
    assert 'aria-invalid="true"' in page
    assert '<a href="#id_mpxn">Enter the MPAN</a>' in page
    assert '<a href="#id_impact_0">' in page
    assert re.search(
        r'<fieldset class="field invalid" aria-describedby="id_impact\w*_problem"', page
    )
    for anchor in re.findall(r'(?:href="#|aria-describedby=")([\w ]+)"', page):
        for one in anchor.split():
            assert page.count(f'id="{one}"') == 1

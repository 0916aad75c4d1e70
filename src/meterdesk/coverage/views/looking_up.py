"""The coverage screen, and its answer as CSV."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from meterdesk.coverage.forms import CoverageForm
from meterdesk.coverage.queries import (
    CoverageSearch,
    coverage_of,
    coverage_of_device,
    coverage_source,
    every_coverage_of,
    freshness,
)
from meterdesk.coverage.queries.maps import country_map, has_places, outcode_map, outcodes
from meterdesk.coverage.rules import CSV_HEADER, csv_row
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.formats import csv_lines
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.kernel.paging import PageRequest


@require_safe
def search(request: Any) -> HttpResponse:
    """Coverage by postcode, postcode and property, outcode, or Device (SSI-FR-12 to 15).

    Before anything is asked for: the country, an outcode a mark.
    """
    context: dict[str, Any] = {"freshness_at": freshness(), "form": CoverageForm()}
    given = request.GET
    if given.get("device_id"):
        where = coverage_of_device(request.actor, parse_eui(given["device_id"]))
        context["device"] = where
        if where.is_smets1 or not where.postcode:
            return render(request, "coverage/search.html", context)
        given = {"postcode": where.postcode, "property": where.property_name}
    elif given.get("outcode") and not given.get("postcode"):
        given = {"postcode": given["outcode"]}
    if not (given.get("postcode") or given.get("property")):
        context |= _country(request)
        return render(request, "coverage/search.html", context)
    context["form"] = form = CoverageForm(given)
    if not form.is_valid():
        return render(request, "coverage/search.html", context, status=422)
    page = PageRequest(cursor=request.GET.get("after") or None)
    context |= _answer(request, form.cleaned_data["search"], page)
    return render(request, "coverage/search.html", context)


def _country(request: Any) -> dict[str, Any]:
    marks = country_map(request.actor)
    page = PageRequest(100, request.GET.get("after") or None)
    return {
        "is_country": True,
        "map_title": "An outcode shows what most of its postcodes have.",
        "has_places": bool(marks) or has_places(),
        "marks": marks,
        "outcodes": outcodes(request.actor, page) if marks else None,
    }


def _answer(request: Any, wanted: CoverageSearch, page: PageRequest) -> dict[str, Any]:
    answer = coverage_of(request.actor, wanted, page)
    one = answer.items[0] if len(answer.items) == 1 and not page.cursor else None
    place = {"postcode": wanted.postcode or wanted.outcode, "property": wanted.property_name}
    return {
        "map_title": f"Likelihood of connectivity at each postcode of {wanted.outcode}.",
        "marks": outcode_map(request.actor, wanted.outcode) if wanted.outcode else [],
        "wanted": wanted,
        "page": answer,
        "one": one,
        "source": coverage_source(request.actor, one) if one else None,
        "whole_postcode": bool(wanted.property_name and one and not one.property_name),
        "download_url": f"{reverse('coverage:download')}?{urlencode(place)}",
    }


@require_safe
def download(request: Any) -> StreamingHttpResponse:
    """The same answer with the same columns as CSV, to be saved (SSI-FR-13)."""
    form = CoverageForm(request.GET)
    if not form.is_valid():
        raise Refused("Search first, then download what was found.", code="which_place")
    wanted: CoverageSearch = form.cleaned_data["search"]
    rows = (csv_row(coverage) for coverage in every_coverage_of(request.actor, wanted))
    name = slugify(f"coverage {wanted.postcode or wanted.outcode} {wanted.property_name}")
    return StreamingHttpResponse(
        csv_lines(CSV_HEADER, rows, bom=True),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )

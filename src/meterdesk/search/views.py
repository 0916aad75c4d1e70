"""The one box: straight to the record when there is just one, else a choice or an explanation."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from meterdesk.kernel.recognise import MAX_TEXT
from meterdesk.search.queries import find
from meterdesk.search.rules import Hit, HitKind, explanation


def address_of(hit: Hit) -> str:
    """The page of a record."""
    match hit.kind:
        case HitKind.DEVICE:
            return reverse("inventory:device", args=[hit.key])
        case HitKind.PREMISES:
            return _premises(hit.key)
        case HitKind.INCIDENT:
            return f"/incidents/{hit.key}/"
        case HitKind.COVERAGE:
            return f"{reverse('coverage:search')}?{urlencode({'postcode': hit.key})}"


def _premises(mpxn: str) -> str:
    try:
        return reverse("premises:premises", args=[mpxn])
    except NoReverseMatch:
        return f"{reverse('inventory:open')}?{urlencode({'mpxn': mpxn})}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A hit with the address of its page."""

    hit: Hit
    url: str


@require_safe
def box(request: Any) -> HttpResponse:
    """Look up what was typed (SSI-FR-2)."""
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"find_text": text[:MAX_TEXT], "too_long": len(text) > MAX_TEXT}
    if text and not context["too_long"]:
        found = find(request.actor, text)
        if found.only:
            return HttpResponseRedirect(address_of(found.only))
        context |= {
            "found": found,
            "choices": [Choice(hit, address_of(hit)) for hit in found.hits],
            "explanation": explanation(found.readings),
            "notes": [one.note for one in found.readings if one.note],
        }
    return render(request, "search/box.html", context)

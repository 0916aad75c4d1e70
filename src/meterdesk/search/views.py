"""The start page; the one box: straight to the only record, else a choice or an explanation."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from meterdesk.kernel.recognise import MAX_TEXT
from meterdesk.search.queries import find, start
from meterdesk.search.rules import Hit, HitKind, Task, Waiting, explanation

_PLACES: Final[dict[Task, tuple[str, str, dict[str, str]]]] = {
    Task.SIGN: ("", "organisations:sharings", {}),
    Task.ANSWER_INCIDENT: (
        "incidents:incident",
        "incidents:list",
        {"state": "ON_HOLD", "whose": "raised"},
    ),
    Task.ANSWER_REQUEST: ("catalogue:request", "catalogue:requests", {"state": "WAITING"}),
    Task.ANSWER_SHARING: (
        "organisations:sharing",
        "organisations:sharings",
        {"state": "PROPOSED"},
    ),
    Task.TAKE_REQUEST: ("catalogue:request", "desk:requests", {"state": "NEW", "whose": "nobody"}),
    Task.FINISH_REQUEST: ("catalogue:request", "desk:requests", {"whose": "mine"}),
    Task.SETTLE_DISPUTE: ("catalogue:request", "desk:requests", {}),
    Task.VERIFY_SHARING: (
        "organisations:sharing",
        "organisations:sharings",
        {"state": "VERIFYING"},
    ),
    Task.DECIDE_NETWORK: ("identity:network", "identity:networks", {"state": "REQUESTED"}),
    Task.AGREE_RESET: ("", "identity:security_policy", {}),
    Task.MEND_REGISTRATION: ("", "desk:registration", {}),
}
"""The page of the one record, the list of all, and its filters."""


def address_of(hit: Hit) -> str:
    """The page of a record."""
    match hit.kind:
        case HitKind.DEVICE:
            return reverse("inventory:device", args=[hit.key])
        case HitKind.PREMISES:
            return reverse("premises:premises", args=[hit.key])
        case HitKind.INCIDENT:
            return reverse("incidents:incident", args=[hit.key])
        case HitKind.REQUEST:
            return reverse("catalogue:request", args=[hit.key])
        case HitKind.COVERAGE:
            return f"{reverse('coverage:search')}?{urlencode({'postcode': hit.key})}"


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
        notes = [one.note for one in found.readings if one.note]
        context |= {
            "found": found,
            "choices": [Choice(hit, address_of(hit)) for hit in found.hits],
            "explanation": explanation(found.readings),
            "nearly": "This is nearly an identifier, but not quite" if notes else "",
            "notes": notes,
        }
    return render(request, "search/box.html", context)


@require_safe
def home(request: Any) -> HttpResponse:
    """Where one starts: what waits for the person, their bookmarks, what the box takes."""
    found = start(request.actor, at=timezone.now())
    waiting = [(one, _where(one)) for one in found.waiting]
    return render(request, "search/home.html", {"start": found, "waiting": waiting})


def _where(one: Waiting) -> str:
    """The page of the only record, or the list of all of them."""
    page, name, query = _PLACES[one.task]
    if page and one.key:
        return reverse(page, args=[one.key])
    if one.request_type:
        query = query | {"request_type": one.request_type}
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)

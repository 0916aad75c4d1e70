"""Screens of the trail and of meter reads."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.trail.forms import MeterReadForm, TrailForm
from meterdesk.trail.queries import (
    TrailRecord,
    TrailRow,
    freshness,
    meter_read_record,
    search_meter_reads,
    search_trail,
    trail_record,
)

Search = Callable[[Actor, Any, PageRequest], Page[TrailRow]]


@require_safe
def search(request: Any) -> HttpResponse:
    """Service audit trail; an address with an identifier has searched already (SSI-FR-6 to 9)."""
    context = {
        "title": "Service audit trail",
        "lead": "Messages of the UserIds you act for, own and granted: by MPAN or MPRN, "
        "Device ID or UPRN.",
        "empty": "No messages that you can see",
        "search_url": "trail:search",
        "record_url": "trail:record",
    }
    return _searched(request, TrailForm, search_trail, context)


@require_safe
def meter_reads(request: Any) -> HttpResponse:
    """Meter-read transactions of every User (SSI-FR-10, 11)."""
    context = {
        "title": "Meter reads",
        "lead": "Meter-read transactions of all Users: by MPAN or MPRN, Device ID or UPRN.",
        "empty": "No meter reads",
        "search_url": "trail:meter_reads",
        "record_url": "trail:meter_read",
    }
    return _searched(request, MeterReadForm, search_meter_reads, context)


def _searched(
    request: Any,
    form_type: type[TrailForm] | type[MeterReadForm],
    find: Search,
    context: dict[str, Any],
) -> HttpResponse:
    context["freshness_at"] = freshness()
    named = any(request.GET.get(name) for name in form_type.base_fields)
    context["form"] = form = form_type(request.GET) if named else form_type()
    if not named:
        return render(request, "trail/search.html", context)
    if not form.is_valid():
        return render(request, "trail/search.html", context, status=422)
    context["wanted"] = wanted = form.cleaned_data["search"]
    page = PageRequest(cursor=request.GET.get("after") or None)
    context["page"] = find(request.actor, wanted, page)
    return render(request, "trail/search.html", context)


@require_safe
def record(request: Any, record_id: str) -> HttpResponse:
    """A message whole, with its status change history (SSI-FR-7)."""
    context = {
        "search_url": "trail:search",
        "record_url": "trail:record",
        "back": "Service audit trail",
    }
    return _shown(request, trail_record(request.actor, record_id), context)


@require_safe
def meter_read(request: Any, record_id: str) -> HttpResponse:
    """A meter read whole, whoever asked for it (SSI-FR-11)."""
    context = {
        "search_url": "trail:meter_reads",
        "record_url": "trail:meter_read",
        "back": "Meter reads",
    }
    return _shown(request, meter_read_record(request.actor, record_id), context)


def _shown(request: Any, found: TrailRecord | None, context: dict[str, str]) -> HttpResponse:
    if found is None:
        raise NotVisible(
            "There is no such message that you can see. Check the address, or search again."
        )
    messages_url = (
        f"{reverse(context['search_url'])}?{urlencode({'device_id': found.summary.device_id})}"
    )
    shown = {
        "record": found,
        "row": found.summary,
        "freshness_at": freshness(),
        "device_messages_url": messages_url,
    }
    return render(request, "trail/record.html", context | shown)

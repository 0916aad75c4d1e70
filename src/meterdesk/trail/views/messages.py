"""Screens of the trail and of meter reads."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column, Table
from meterdesk.trail.forms import MeterReadForm, TrailForm
from meterdesk.trail.queries import (
    TrailRecord,
    TrailRow,
    archived_days_of,
    freshness,
    meter_read_record,
    search_meter_reads,
    search_trail,
    trail_record,
)

Search = Callable[[Actor, Any, PageRequest], Page[TrailRow]]

COLUMNS: Final = (
    Column(
        "times",
        "Received, response sent",
        {"Received": "received_at", "Response sent": "responded_at"},
    ),
    Column("label", "Message", always=True),
    Column("reference", "Reference", {"Service Reference": "service_reference"}),
    Column("status", "Status", {"Status": "status", "Response Code": "response_code"}),
    Column("device", "Device ID, MPxN", {"Device ID": "device_id", "MPxN": "mpxn"}),
    Column(
        "organisation",
        "Organisation ID, GBCS sequence",
        {
            "DCC Service User Organisation ID": "user_id",
            "GBCS transaction sequence number": "gbcs_sequence",
        },
    ),
)
TRAIL: Final = tables.register(Table("trail", COLUMNS))
METER_READS: Final = tables.register(Table("meter-reads", COLUMNS))


@require_safe
def search(request: Any) -> HttpResponse:
    """Service audit trail; an address with an identifier has searched already (SSI-FR-6 to 9)."""
    context = {
        "title": "Service audit trail",
        "lead": "Messages of the UserIds you act for, own and granted. A meter point or UPRN finds "
        "each Device for the time it stood there.",
        "empty": "No messages that you can see",
        "search_url": "trail:search",
        "record_url": "trail:record",
        "export_url": "trail:export",
        "kind": "trail",
    }
    return _searched(request, TrailForm, search_trail, TRAIL, context)


@require_safe
def meter_reads(request: Any) -> HttpResponse:
    """Meter-read transactions of every User (SSI-FR-10, 11)."""
    context = {
        "title": "Meter reads",
        "lead": "Meter-read transactions of all Users. A meter point or UPRN finds each Device for "
        "the time it stood there.",
        "empty": "No meter reads",
        "search_url": "trail:meter_reads",
        "record_url": "trail:meter_read",
        "export_url": "trail:export_meter_reads",
        "kind": "meter-reads",
    }
    return _searched(request, MeterReadForm, search_meter_reads, METER_READS, context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """Every message of a search as CSV to be saved (SSI-FR-7, SSI-FR-70)."""
    return _exported(request, TrailForm, search_trail, TRAIL)


@require_GET
def download_meter_reads(request: Any) -> StreamingHttpResponse:
    """Every meter read of a search as CSV to be saved (SSI-FR-10, SSI-FR-70)."""
    return _exported(request, MeterReadForm, search_meter_reads, METER_READS)


def _exported(
    request: Any, form_type: type[TrailForm] | type[MeterReadForm], find: Search, table: Table
) -> StreamingHttpResponse:
    form, actor = form_type(request.GET), request.actor
    if not form.is_valid():
        raise Refused("Search first, then download what was found.", code="no_search")
    wanted = form.cleaned_data["search"]
    return tables.export(
        request,
        tables.view_of(actor, table),
        lambda page: find(actor, wanted, page),
        at=timezone.now(),
    )


def _searched(
    request: Any,
    form_type: type[TrailForm] | type[MeterReadForm],
    find: Search,
    table: Table,
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
    if days := archived_days_of(wanted):
        context["archived"] = {"first": days[0], "last": days[-1]}
    context["table"] = view = tables.view_of(request.actor, table)
    context["page"] = find(request.actor, wanted, view.page(request.GET.get("after")))
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

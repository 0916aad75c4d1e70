"""Browsing the catalogue, and the data of a record that can be disputed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meterdesk.catalogue.forms import BrowseForm, RecordForm
from meterdesk.catalogue.queries import (
    acting_for,
    catalogue,
    data_of,
    dispute_type,
    may_use_catalogue,
    open_disputes,
)
from meterdesk.catalogue.rules.data import record_name
from meterdesk.identity.queries import ActorRequest
from meterdesk.kernel.errors import Refused


@require_safe
def browse(request: ActorRequest) -> HttpResponse:
    """Request types by category and service (SSI-FR-56)."""
    actor = request.actor
    form = BrowseForm(catalogue(), request.GET)
    context = {"form": form, "offers": form.offers(), "may_raise": bool(acting_for(actor))}
    return render(request, "catalogue/browse.html", context)


@require_safe
def data(request: ActorRequest) -> HttpResponse:
    """The data of a record with their sources; each can be disputed from here."""
    actor = request.actor
    asked, now = dispute_type(), timezone.now()
    context: dict[str, Any] = {
        "asked": asked,
        "browses": may_use_catalogue(actor),
        "may_raise": bool(asked and acting_for(actor)),
        "form": RecordForm(request.GET if "key" in request.GET else None),
    }
    form = context["form"]
    if not form.is_bound:
        return render(request, "catalogue/data.html", context)
    if form.is_valid():
        try:
            name = record_name(form.cleaned_data["kind"], form.cleaned_data["key"])
        except Refused as refused:
            form.add_error("key", refused.message)
        else:
            record = data_of(actor, name, now)
            marks = open_disputes(actor, record.name)
            context["record"] = record
            context["lines"] = [
                (datum, [one for one in marks if one.datum == datum.name]) for datum in record.data
            ]
    return render(request, "catalogue/data.html", context, status=422 if form.errors else 200)

"""The component gallery: every component in every state, in development only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meterdesk.platform.tables import Column, Table, TableView
from meterdesk.platform.web.forms import GroupedCheckboxes

AT = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)

_DEVICES = (
    ("00-DB-12-34-56-78-90-A1", "ESME", "good", "Commissioned", 1284, 0.9986),
    ("00-DB-12-34-56-78-90-A2", "GSME", "warn", "Installed, not commissioned", 312, 0.8712),
    ("00-DB-12-34-56-78-90-A3", "CHF", "bad", "Suspended", 9, 0.1250),
    ("00-DB-12-34-56-78-90-A4", "PPMID", "info", "Pending", 88, 0.9912),
    ("00-DB-12-34-56-78-90-A5", "HCALCS", "neutral", "Decommissioned", 0, 0.0),
    ("00-DB-12-34-56-78-90-A6", "GPF", "paused", "Whitelisted", 1043, 0.9977),
)

_TABLE = Table(
    "gallery",
    (
        Column("device_id", "Device ID", sort="device_id", always=True),
        Column("type", "Type", sort="type"),
        Column("status", "Status", sort="status"),
        Column("contact", "Last contact", sort="contact"),
        Column("postcode", "Postcode"),
    ),
    sort="device_id",
)

_PLACES = (
    ("Work", ("Overview", "layout-dashboard", "h"), ("Incidents", "circle-alert", "i")),
    (
        "Find",
        ("Premises", "house", "p"),
        ("Inventory", "cpu", "d"),
        ("Audit trail", "history", "a"),
    ),
    ("Network", ("Coverage", "radio-tower", "c"), ("Hub status", "router", "b")),
    ("Desk", ("Queue", "inbox", "q"), ("Intake", "database", "n")),
)


class SampleForm(forms.Form):
    """A field of every kind."""

    use_required_attribute = False
    mpxn = forms.CharField(
        label="MPAN or MPRN",
        help_text="13 digits, or 6 to 10 for gas. Spaces are fine.",
        error_messages={"required": "Enter the MPAN or MPRN"},
    )
    summary = forms.CharField(label="What is wrong", max_length=80)
    description = forms.CharField(
        label="What happened",
        max_length=4000,
        required=False,
        help_text="What you saw, when, and what you tried.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    category = forms.ChoiceField(
        label="Category", choices=[("1", "Category 1"), ("3", "Category 3"), ("4", "Category 4")]
    )
    impact = forms.ChoiceField(
        label="Who is affected",
        help_text="The category is proposed from this.",
        widget=forms.RadioSelect,
        choices=[("one", "One premises"), ("some", "Several premises"), ("all", "A whole region")],
        error_messages={"required": "Say who is affected"},
    )
    watch = forms.MultipleChoiceField(
        label="Tell me by email when",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("assigned", "it is assigned"), ("updated", "it is updated")],
    )
    functions = forms.MultipleChoiceField(
        label="Functions",
        required=False,
        widget=GroupedCheckboxes,
        choices=[
            ("Look up", [("devices", "Devices"), ("coverage", "Coverage")]),
            ("Orders", [("hubs", "Hubs")]),
        ],
    )
    vulnerable = forms.BooleanField(
        label="A person at the premises depends on the supply",
        required=False,
        help_text="Priority services register.",
    )
    since = forms.DateField(
        label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    evidence = forms.FileField(
        label="Evidence", required=False, help_text="PDF, PNG, CSV or text, at most 10 MB."
    )


class SampleFilters(forms.Form):
    """Filters of a list."""

    q = forms.CharField(label="Device ID", required=False)
    state = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any"), ("commissioned", "Commissioned")]
    )


def _development_only() -> None:
    if not (settings.DEBUG or getattr(settings, "METERDESK_ENV", "") == "development"):
        raise Http404


def _nav() -> list[dict[str, Any]]:
    return [
        {
            "title": section,
            "items": [
                {
                    "label": label,
                    "url": f"/gallery/#{key}",
                    "icon": icon,
                    "key": key,
                    "current": label == "Inventory",
                }
                for label, icon, key in places
            ],
        }
        for section, *places in _PLACES
    ]


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    _development_only()
    context = {
        "nav": _nav(),
        "actor": {"display_name": "Ada Pemberton", "organisation_name": "Northfold Energy"},
        "at": AT,
        "on": date(2026, 11, 22),
        "minutes": timedelta(minutes=1),
        "remaining": timedelta(hours=3, minutes=20),
        "devices": _DEVICES,
        "table": TableView(_TABLE, _TABLE.columns, frozenset({"postcode"})),
        "form": SampleForm(),
        "wrong": SampleForm({"description": "No reads since Tuesday", "summary": "No reads"}),
        "filters": SampleFilters(request.GET or None),
        "kinds": ("neutral", "info", "good", "warn", "bad", "paused"),
    }
    return render(request, "web/gallery.html", context)


@require_safe
def gallery_bare(request: HttpRequest) -> HttpResponse:
    """Show a page without the frame, as at log-in."""
    _development_only()
    return render(request, "web/gallery_bare.html", {"form": SampleForm()})


@require_safe
def gallery_progress(request: HttpRequest) -> HttpResponse:
    """Answer the gallery's progress bar: a job that never ends."""
    _development_only()
    return render(request, "web/gallery_progress.html", {"value": 640 + AT.minute})

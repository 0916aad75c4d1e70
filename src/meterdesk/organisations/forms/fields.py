"""What the forms of this app have in common."""

from typing import Any

from django import forms

from meterdesk.platform.web.refusable import RefusableForm


class VersionedForm(RefusableForm):
    """A form about a record in one version."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def line(
    label: str, asks: str, *, length: int = 120, hint: str = "", required: bool = True, **attrs: Any
) -> forms.CharField:
    """A field of one line; `asks` is said when it is left empty."""
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        help_text=hint,
        error_messages={"required": asks},
        widget=forms.TextInput(attrs=attrs),
    )


def paragraph(label: str, asks: str, *, length: int = 500, hint: str = "") -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label,
        max_length=length,
        help_text=hint,
        error_messages={"required": asks},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def day(label: str, asks: str = "", *, hint: str = "", required: bool = False) -> forms.DateField:
    """A date."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        error_messages={"required": asks, "invalid": "Enter a date, for example 31/12/2027."},
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

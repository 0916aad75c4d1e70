"""What forms have in common: identifiers, lines and paragraphs."""

from typing import Any

from django import forms

from meterdesk.kernel.errors import Refused
from meterdesk.platform.web.refusable import RefusableForm


class AskingForm(RefusableForm):
    """A form that also reads identifiers."""

    def parsed(self, name: str, parse: Any) -> str:
        """An identifier in its canonical form, or nothing when it was left empty."""
        typed = str(self.cleaned_data.get(name) or "").strip()
        if not typed:
            return ""
        try:
            found = parse(typed)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused
        return str(getattr(found, "value", found))


def line(label: str, length: int, *, required: bool = False, hint: str = "") -> forms.CharField:
    """A field of one line."""
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        help_text=hint,
        error_messages={"required": f"Enter the {label.lower()}."},
    )


def paragraph(
    label: str, *, required: bool = False, hint: str = "", rows: int = 4
) -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=10_000,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class GroupedCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes under headings: the choices of its field are (heading, [(value, label)]) pairs."""

    template_name = "ui/grouped_checkboxes.html"

"""What forms have in common: refusals at their fields, identifiers, lines and paragraphs."""

from typing import Any

from django import forms

from meterdesk.kernel.errors import Refused


class AskingForm(forms.Form):
    """A form that takes the messages of a refusal at its fields."""

    use_required_attribute = False

    def refuse(self, refused: Refused) -> None:
        """Show a refusal's messages at their fields, or what it says above the form."""
        placed = False
        for name, message in refused.fields.items():
            if name in self.fields:
                self.add_error(name, message)
                placed = True
        if not placed:
            self.add_error(None, refused.message)

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

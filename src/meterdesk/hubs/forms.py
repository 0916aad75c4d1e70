"""The hub search form (SSI-FR-16)."""

from django import forms

from meterdesk.hubs.rules.requests import RequestKind
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui


class HubForm(forms.Form):
    """A hub by the Device ID of its Communications Hub Function."""

    use_required_attribute = False
    device_id = forms.CharField(
        label="Communications Hub Function Device ID",
        help_text="16 characters, with or without hyphens.",
        max_length=40,
        error_messages={"required": "Enter the Device ID of the hub"},
    )

    def clean_device_id(self) -> str:
        """The canonical Device ID."""
        try:
            return parse_eui(self.cleaned_data["device_id"])
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused


class AskForm(forms.Form):
    """What the hub itself is asked."""

    kind = forms.TypedChoiceField(
        choices=[(kind.value, kind.word) for kind in RequestKind], coerce=RequestKind
    )

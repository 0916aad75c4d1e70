"""Forms that show what an action refused where it is to be mended."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms

from meterdesk.kernel.errors import Refused


class RefusableForm(forms.Form):
    """A form that takes the messages of a refusal at its fields and keeps what was typed.

    `places` leads from what the action calls a field to the form's own name for it.
    """

    use_required_attribute = False
    places: ClassVar[Mapping[str, str]] = {}

    def refuse(self, refused: Refused) -> None:
        """Show a refusal's messages at their fields, and what has no field above the form."""
        for name, message in refused.fields.items():
            place = self.places.get(name, name)
            self.add_error(place if place in self.fields else None, message)
        if not refused.fields:
            self.add_error(None, refused.message)

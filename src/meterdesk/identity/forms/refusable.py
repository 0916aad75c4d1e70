"""The form that all others are: what an action refuses stands beside its fields."""

from django import forms

from meterdesk.kernel.errors import Refused


class RefusableForm(forms.Form):
    """A form whose refusals stand beside their fields."""

    use_required_attribute = False

    def refuse(self, refused: Refused) -> None:
        """Show what an action refused, at its fields or above the form."""
        for name, message in refused.fields.items():
            self.add_error(name if name in self.fields else None, message)
        if not refused.fields:
            self.add_error(None, refused.message)

"""The inventory search form (SSI-FR-2)."""

from typing import Any

from django import forms

from meterdesk.inventory.queries import InventorySearch
from meterdesk.inventory.rules import MAX_PROPERTY
from meterdesk.kernel.errors import Refused


class InventorySearchForm(forms.Form):
    """Any combination of identifiers; a valid form has the `search` they make."""

    use_required_attribute = False
    search: InventorySearch

    device_id = forms.CharField(label="Device ID", required=False, max_length=60)
    mpxn = forms.CharField(label="MPAN or MPRN", required=False, max_length=60)
    uprn = forms.CharField(label="UPRN", required=False, max_length=30)
    postcode = forms.CharField(label="Postcode", required=False, max_length=20)
    property = forms.CharField(
        label="Property name or number", required=False, max_length=MAX_PROPERTY
    )
    include_uncommissioned = forms.BooleanField(
        label="Include Devices that are not commissioned", required=False
    )

    def clean(self) -> dict[str, Any]:
        """Read the identifiers as people write them; each message stands at its field."""
        given = self.cleaned_data
        criteria = {name: str(value) for name, value in given.items() if isinstance(value, str)}
        include = bool(given.get("include_uncommissioned"))
        if self.errors:
            return given
        try:
            self.search = InventorySearch.of(criteria, include_uncommissioned=include)
        except Refused as refused:
            for name, message in refused.fields.items():
                self.add_error(name, message)
        return given

"""Filters of the portfolio's lists, and keeping them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms

from meterdesk.inventory.rules import CSP_REGIONS, DeviceStatus, DeviceType
from meterdesk.inventory.rules.points import OwnRole, PointSearch
from meterdesk.inventory.rules.portfolio import PortfolioSearch, Whose
from meterdesk.kernel.errors import Refused


def _any_of(label: str, choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "Any"), *choices])


def _labelled(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.label) for one in words]  # type: ignore[attr-defined]  # each has one


def _text(label: str, length: int = 20) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length)


def _day(label: str) -> forms.CharField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.CharField(label=label, required=False, max_length=20, widget=widget)


class _FilterForm(forms.Form):
    """Filters of a list; a valid form has the `search` they make. The order stays hidden."""

    use_required_attribute = False
    reads: ClassVar[type[PortfolioSearch | PointSearch]]
    search: Any

    sort = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        """Read the filters; each message stands at its field."""
        if not self.errors:
            try:
                self.search = self.reads.of(self.cleaned_data)
            except Refused as refused:
                self.refuse(refused)
        return self.cleaned_data

    def refuse(self, refused: Refused) -> None:
        """Show what was refused, at its fields or above the form."""
        for name, message in refused.fields.items():
            shown = name in self.fields and name != "sort"
            self.add_error(name if shown else None, message)
        if not refused.fields:
            self.add_error(None, refused.message)

    @property
    def query(self) -> str:
        """The filters of a valid form as an address has them."""
        return urlencode(self.search.given())


class PortfolioForm(_FilterForm):
    """Filters of the Devices."""

    reads = PortfolioSearch

    whose = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[(Whose.MINE.value, "At your meter points"), (Whose.ALL.value, "Everybody's")],
    )
    device_type = _any_of("Device Type", _labelled(DeviceType))
    status = _any_of("SMI Status", _labelled(DeviceStatus))
    manufacturer = _text("Manufacturer")
    model = _text("Device Model")
    firmware = _text("Firmware version")
    region = _any_of("CSP region", [(one, one) for one in CSP_REGIONS])
    postcode = _text("Postcode area or outcode", 10)
    installed_from = _day("Installed from")
    installed_to = _day("Installed to")
    silent_since = _day("No contact since")


class PointsForm(_FilterForm):
    """Filters of one's meter points."""

    reads = PointSearch

    role = _any_of("You are", _labelled(OwnRole))
    on = _day("Registered on")
    postcode = _text("Postcode area or outcode", 10)
    metered = _any_of("Meter in use", [("with", "There is one"), ("without", "There is none")])
    status = _any_of("SMI Status of the meter", _labelled(DeviceStatus))
    change = _any_of("Change of supplier or end", [("yes", "To come")])
    agreed = _any_of("Registration data", [("yes", "Agreed"), ("no", "In doubt")])


def _kept_by_name(form: type[_FilterForm]) -> type[_FilterForm]:
    """The same filters, hidden, with the name to keep them by."""
    hidden = {
        name: forms.CharField(required=False, widget=forms.HiddenInput())
        for name in form.base_fields
    }
    named = forms.CharField(label="Save these filters as", max_length=80)
    return type(f"Save{form.__name__}", (form,), {**hidden, "name": named})


SavePortfolioFilterForm = _kept_by_name(PortfolioForm)
SavePointsFilterForm = _kept_by_name(PointsForm)

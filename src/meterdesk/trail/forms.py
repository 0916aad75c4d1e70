"""Search forms of the trail (SSI-FR-6, SSI-FR-10)."""

from datetime import date
from typing import Any

from django import forms

from meterdesk.kernel.errors import Refused
from meterdesk.trail.queries import MeterReadSearch, TrailSearch, VolumeSearch
from meterdesk.trail.rules import months_before
from meterdesk.trail.rules.searches import MessageSearch, end_of, start_of
from meterdesk.trail.rules.variants import METER_READ_VARIANTS, VARIANTS
from meterdesk.trail.rules.volumes import parse_month

_MONTHS = 24
_FIELDS = {"to": "to_date", "srv": "srv"}


class _SearchForm(forms.Form):
    """One identifier and a period of days in Europe/London, both within."""

    use_required_attribute = False
    mpxn = forms.CharField(label="MPAN or MPRN", max_length=40, required=False)
    device_id = forms.CharField(
        label="Device ID",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"size": 24}),
    )
    uprn = forms.CharField(label="UPRN", max_length=20, required=False)
    from_date = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    to_date = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    search_type: type[MessageSearch]

    def chosen_variants(self, given: dict[str, Any]) -> tuple[str, ...]:
        """Variants to search for; none means all there are."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Make the search, kept as `search` in the cleaned data."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            given["search"] = self.search_type(
                given["device_id"],
                given["mpxn"],
                given["uprn"],
                self.chosen_variants(given),
                _instant(given["from_date"], start_of),
                _instant(given["to_date"], end_of),
            )
        except Refused as refused:
            self._complain(refused)
        return given

    def _complain(self, refused: Refused) -> None:
        names = [_FIELDS.get(name, name) for name in refused.fields]
        for name in [name for name in names if name in self.fields][:1]:
            self.add_error(name, refused.message)
        if not names:
            self.add_error(None, refused.message)


def _instant(day: date | None, of_day: Any) -> Any:
    try:
        return of_day(day) if day else None
    except OverflowError:  # after the last day there is, nothing is left out
        return None


class TrailForm(_SearchForm):
    """Service audit trail: any variant, alerts too when none is chosen."""

    srv = forms.ChoiceField(
        label="Service Reference Variant",
        required=False,
        choices=[("", "All messages"), *((one.srv, one.label) for one in VARIANTS.values())],
    )
    field_order = ("mpxn", "device_id", "uprn", "srv", "from_date", "to_date")
    search_type = TrailSearch

    def chosen_variants(self, given: dict[str, Any]) -> tuple[str, ...]:
        """The one chosen."""
        return (given["srv"],) if given["srv"] else ()


class MeterReadForm(_SearchForm):
    """Meter reads: any of the four variants."""

    srv = forms.MultipleChoiceField(
        label="Service Reference Variants",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(srv, VARIANTS[srv].label) for srv in METER_READ_VARIANTS],
    )
    field_order = ("mpxn", "device_id", "uprn", "from_date", "to_date", "srv")
    search_type = MeterReadSearch

    def chosen_variants(self, given: dict[str, Any]) -> tuple[str, ...]:
        """Those ticked."""
        return tuple(given["srv"])


class VolumeForm(forms.Form):
    """The month of the figures, and which UserId and service they are of."""

    use_required_attribute = False
    month = forms.ChoiceField(label="Month", required=False)
    user_id = forms.CharField(label="UserId", max_length=40, required=False)
    srv = forms.ChoiceField(
        label="Service Reference Variant",
        required=False,
        choices=[("", "All messages"), *((one.srv, one.label) for one in VARIANTS.values())],
    )

    def __init__(self, *given: Any, user_ids: tuple[str, ...], today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.today = today
        months = [months_before(today, ago) for ago in range(_MONTHS)]
        self.fields["month"] = forms.ChoiceField(
            label="Month",
            required=False,
            choices=[(f"{one:%Y-%m}", f"{one:%B %Y}") for one in months],
        )
        if user_ids:
            choices = [("", "All that you act for"), *((one, one) for one in user_ids)]
            self.fields["user_id"] = forms.ChoiceField(
                label="UserId", required=False, choices=choices
            )

    def clean(self) -> dict[str, Any]:
        """Make the search, kept as `search` in the cleaned data."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            month = parse_month(given["month"]) if given["month"] else self.today
            given["search"] = VolumeSearch(month, given["user_id"], given["srv"])
        except Refused as refused:
            self.add_error(next(iter(refused.fields), None), refused.message)
        return given

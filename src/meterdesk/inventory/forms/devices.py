"""Forms of the inventory: search (SSI-FR-2), pre-notification (INV-2)."""

from datetime import datetime
from typing import Any

from django import forms

from meterdesk.inventory.queries import InventorySearch
from meterdesk.inventory.rules import MAX_PROPERTY, DeviceType
from meterdesk.inventory.rules.prenotification import OF_THE_NETWORK, PreNotification
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


class PreNotificationForm(forms.Form):
    """A Device before it is installed; a valid form has it as `wanted`."""

    use_required_attribute = False
    wanted: PreNotification

    user_id = forms.ChoiceField(
        label="On behalf of", error_messages={"required": "Choose the UserId."}
    )
    device_id = forms.CharField(
        label="Device ID", max_length=60, error_messages={"required": "Enter the Device ID."}
    )
    device_type = forms.ChoiceField(
        label="Device Type", error_messages={"required": "Choose the Device Type."}
    )
    manufacturer = forms.CharField(
        label="Manufacturer",
        required=False,
        max_length=60,
        help_text="4 hexadecimal digits, as on the products list. In-home displays and consumer"
        " access devices may leave it empty.",
    )
    model = forms.CharField(
        label="Device Model",
        required=False,
        max_length=60,
        help_text="8 hexadecimal digits, as on the products list.",
    )
    firmware_version = forms.CharField(
        label="Firmware version", required=False, max_length=20, help_text="8 hexadecimal digits."
    )
    esme_variant = forms.CharField(
        label="ESME Variant",
        required=False,
        max_length=10,
        help_text="For electricity meters, such as A or ADE.",
    )
    associated_gpf = forms.CharField(
        label="Associated gas proxy function",
        required=False,
        max_length=60,
        help_text="Device ID of the GPF it will work with, if that is known.",
    )

    def __init__(self, user_ids: list[tuple[str, str]], at: datetime, *args: Any) -> None:
        super().__init__(*args)
        self.at, self.may_be_sent = at, bool(user_ids)
        self.fields["user_id"].choices = user_ids  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["device_type"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Choose"),
            *(
                (kind.value, f"{kind.label} ({kind.value})")
                for kind in DeviceType
                if kind not in OF_THE_NETWORK
            ),
        ]
        if len(user_ids) == 1:
            self.fields["user_id"].initial = user_ids[0][0]

    def clean(self) -> dict[str, Any]:
        """Read the Device; each message stands at its field."""
        given = self.cleaned_data
        if not self.errors:
            try:
                self.wanted = PreNotification.of(given, self.at)
            except Refused as refused:
                self.refuse(refused)
        return given

    def refuse(self, refused: Refused) -> None:
        """Show what was refused, at its fields or above the form."""
        for name, message in refused.fields.items():
            self.add_error(name if name in self.fields else None, message)
        if not refused.fields:
            self.add_error(None, refused.message)


class OnDayForm(forms.Form):
    """The day of which somebody asks who was responsible (REG-2)."""

    use_required_attribute = False

    on = forms.DateField(
        label="On",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date as 2026-04-01."},
    )

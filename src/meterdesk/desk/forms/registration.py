"""Forms about registration data: providers, refreshes, misaligned data, decisions."""

from typing import Any

from django import forms

from meterdesk.desk.queries.registration import organisation_choices
from meterdesk.kernel.errors import Refused
from meterdesk.registration.actions import Difference, ProviderDetails
from meterdesk.registration.queries.providers import ProviderView
from meterdesk.registration.rules.files import DueDays, FileState, Fuel
from meterdesk.registration.rules.troubles import Master


class RegistrationForm(forms.Form):
    """A form that shows what an action refused."""

    use_required_attribute = False

    def refuse(self, refused: Refused) -> None:
        """Show a refusal at its fields, or above the form."""
        for name, message in (refused.fields or {"": refused.message}).items():
            self.add_error(name if name in self.fields else None, message)


def _words(label: str, error: str, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": error},
        **more,
    )


class ProviderForm(RegistrationForm):
    """A provider taken up or changed."""

    code = forms.CharField(
        label="Code",
        max_length=12,
        help_text="2 to 12 letters and digits, as in the header of its files. It never changes.",
        error_messages={"required": "Enter the code."},
    )
    name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Enter a name."}
    )
    fuel = forms.ChoiceField(
        label="Fuel",
        widget=forms.RadioSelect,
        choices=[(one.value, one.value.capitalize()) for one in Fuel],
        error_messages={"required": "Choose a fuel."},
    )
    organisation = forms.ChoiceField(
        label="Organisation", error_messages={"required": "Choose the organisation."}
    )
    user_id = forms.CharField(
        label="UserId told of incidents",
        required=False,
        help_text="Needed when the organisation is a SEC Party.",
    )
    due_days = forms.ChoiceField(
        label="Files are due",
        widget=forms.RadioSelect,
        choices=[(one.value, one.word.capitalize()) for one in DueDays],
        initial=DueDays.WORKING_DAYS,
    )
    due_time = forms.TimeField(
        label="By",
        help_text="UK time, such as 06:00.",
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M"),
        error_messages={"required": "Enter a time.", "invalid": "Enter a time such as 06:00."},
    )
    due_since = forms.DateField(
        label="From",
        help_text="The first day on which a file is due.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Enter a date.", "invalid": "Enter a date as 2026-04-01."},
    )
    next_sequence = forms.IntegerField(
        label="Sequence expected next", min_value=1, max_value=999_999_999, initial=1
    )
    is_active = forms.BooleanField(label="Files are expected", required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, there: ProviderView | None = None, **kwargs: Any) -> None:
        if there is not None:
            kwargs["initial"] = {
                name: getattr(there, name)
                for name in self.base_fields
                if name not in ("organisation",)
            } | {"organisation": str(there.organisation_id)}
        super().__init__(*args, **kwargs)
        chosen = [("", "Choose"), *organisation_choices()]
        self.fields["organisation"].choices = chosen  # type: ignore[attr-defined]  # a ChoiceField
        if there is not None:
            for name in ("code", "fuel"):
                del self.fields[name]

    def details(self, code: str = "", fuel: Fuel | None = None) -> ProviderDetails:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        return ProviderDetails(
            code=code or given["code"],
            name=given["name"],
            fuel=fuel or Fuel(given["fuel"]),
            organisation_id=int(given["organisation"]),
            user_id=given["user_id"].strip() or None,
            due_days=DueDays(given["due_days"]),
            due_time=given["due_time"],
            due_since=given["due_since"],
            next_sequence=given["next_sequence"],
            is_active=given["is_active"],
        )


class RefreshForm(RegistrationForm):
    """Data asked for afresh."""

    why = _words("Why", "Say why; the provider reads it.")
    mpxns = forms.CharField(
        label="MPANs or MPRNs",
        required=False,
        help_text="One a line, at most 1,000. Leave empty for everything the provider holds.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
    )


class DifferenceForm(RegistrationForm):
    """Data that differs from the provider's."""

    mpxn = forms.CharField(
        label="MPAN or MPRN", max_length=40, error_messages={"required": "Enter the meter point."}
    )
    what = forms.CharField(
        label="What differs",
        max_length=200,
        help_text="For example: supplier, address.",
        error_messages={"required": "Say what differs."},
    )
    held = forms.CharField(label="Meterdesk holds", max_length=200, required=False)
    reported = forms.CharField(
        label="The provider says",
        max_length=200,
        error_messages={"required": "Enter what the provider says."},
    )
    master = forms.ChoiceField(
        label="Until this is settled, whose version counts",
        widget=forms.RadioSelect,
        choices=[(one.value, one.word.capitalize()) for one in Master],
        error_messages={"required": "Choose whose version counts."},
    )

    def difference(self) -> Difference:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        return Difference(
            given["mpxn"], given["what"], given["held"], given["reported"], Master(given["master"])
        )


class ReasonForm(RegistrationForm):
    """A decision with its reason."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    why = _words("Reason", "Enter a reason.")


class ConfirmForm(RegistrationForm):
    """A decision that asks for nothing more."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class FileFilters(forms.Form):
    """Which files to list."""

    use_required_attribute = False
    provider = forms.CharField(label="Provider", required=False, max_length=12)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((one.value, one.word) for one in FileState)],
    )

"""Forms of networks (FSM-12)."""

from typing import Any

from django import forms

from meterdesk.identity.rules import NetworkKind, NetworkState, NetworkStep
from meterdesk.platform.web.refusable import RefusableForm

_CIDR_HELP = "For example 203.0.113.0/24, or a single address."


class NetworkFilter(RefusableForm):
    """Which networks to list."""

    text = forms.CharField(label="Organisation or grounds", max_length=150, required=False)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((one.value, one.word) for one in NetworkState)],
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "Any"), *((one.value, one.word) for one in NetworkKind)],
    )
    overdue = forms.ChoiceField(
        label="Review", required=False, choices=[("", "Any"), ("yes", "Overdue")]
    )


class NetworkRequestForm(RefusableForm):
    """Access over the internet to request."""

    cidr = forms.CharField(
        label="Network",
        help_text=f"The public addresses that your traffic comes from. {_CIDR_HELP}",
        max_length=60,
        error_messages={"required": "Enter the network."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    grounds = forms.CharField(
        label="Grounds",
        help_text="Why you need access from there, and who uses it. The operator decides by it.",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why. It is kept with the decision."},
    )


class NetworkRecordForm(NetworkRequestForm):
    """A network that the operator records as approved."""

    field_order = ("organisation", "kind", "cidr", "grounds", "review_date")
    organisation = forms.ChoiceField(
        label="Organisation", error_messages={"required": "Choose the organisation."}
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=[(one.value, one.word) for one in NetworkKind],
        initial=NetworkKind.GATEWAY,
        widget=forms.RadioSelect,
    )
    review_date = forms.DateField(
        label="Review by",
        help_text="At most a year away.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose a review date.",
            "invalid": "Enter a date such as 2027-03-31.",
        },
    )

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cidr"].help_text = _CIDR_HELP
        chosen = self.fields["organisation"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  declared above
        chosen.choices = [("", "Choose"), *((str(pk), name) for pk, name in organisations)]


class NetworkStepForm(RefusableForm):
    """The reason of a step, and a review date where it asks for one."""

    why = forms.CharField(
        label="Reason",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why. It is kept with the decision."},
    )
    review_date = forms.DateField(
        label="Review by",
        help_text="At most a year away.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose a review date.",
            "invalid": "Enter a date such as 2027-03-31.",
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: NetworkStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not step.asks_review_date:
            del self.fields["review_date"]

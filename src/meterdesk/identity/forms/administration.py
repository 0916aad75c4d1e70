"""Forms of an organisation's log-in security."""

from django import forms

from meterdesk.identity.rules import GRACE_LONGEST, SESSIONS_LONGEST, FactorKind
from meterdesk.platform.web.refusable import RefusableForm


class PolicyForm(RefusableForm):
    """Kinds of second factors, days of grace, sessions at once."""

    allowed = forms.MultipleChoiceField(
        label="Second factors that your people may use",
        choices=[(kind.value, kind.title) for kind in FactorKind],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Allow at least one kind: every log-in asks for a second factor."
        },
    )
    grace_days = forms.IntegerField(
        label="Days of grace",
        help_text="How long people who have only kinds that are no longer allowed may go on with "
        f"them, counted from the change: 0 to {GRACE_LONGEST}.",
        error_messages={"required": "Enter a number of days.", "invalid": "Enter a whole number."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    sessions_most = forms.IntegerField(
        label="Sessions at once",
        help_text="How many sessions one person may have open, 1 to "
        f"{SESSIONS_LONGEST}. A further log-in ends the one that was used longest ago.",
        error_messages={"required": "Enter a number.", "invalid": "Enter a whole number."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SessionLimitForm(RefusableForm):
    """How many sessions one person may have open."""

    sessions_most = forms.IntegerField(
        label="Sessions at once",
        help_text="Leave it empty for what the organisation says.",
        required=False,
        error_messages={"invalid": "Enter a whole number, or nothing."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ResetRequestForm(RefusableForm):
    """Why second factors are reset."""

    reason = forms.CharField(
        label="Why, and how you know who asks",
        help_text="For example: telephone lost on 3 March, called back on the number we hold.",
        max_length=300,
        error_messages={"required": "Say why, and how you know who asks."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ResetSearchForm(RefusableForm):
    """The username of an organisation's only administrator."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        error_messages={"required": "Enter the username."},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

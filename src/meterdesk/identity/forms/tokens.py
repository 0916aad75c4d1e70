"""Forms of API tokens and service accounts (FSM-17)."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms

from meterdesk.identity.actions import ServiceAccountDetails
from meterdesk.identity.forms.account import LONDON
from meterdesk.identity.forms.roles import MatrixRow, RolesMatrix, pairs_of, value_of
from meterdesk.identity.queries import ServiceAccountRecord, ServiceOffer
from meterdesk.identity.rules import COMPONENTS_BY_TASK, TOKEN_NAME_LONGEST, DeskRole, JobTypeRole
from meterdesk.platform.web.forms import GroupedCheckboxes
from meterdesk.platform.web.refusable import RefusableForm

_ROLES: Final = [role for role in JobTypeRole if role != JobTypeRole.ORGANISATIONAL_ADMINISTRATOR]
"""A program administers nobody."""
_OVERLAPS: Final = [
    ("0", "None: the old secret stops at once"),
    ("1", "1 hour"),
    ("24", "1 day"),
    ("168", "1 week"),
]


class TokenForm(RefusableForm):
    """A new API token: name, last day, and what it is limited to."""

    places = {"expires_at": "expires_on"}
    name = forms.CharField(
        label="Name",
        help_text="What it is for, so that you know it again.",
        max_length=TOKEN_NAME_LONGEST,
        error_messages={"required": "Enter a name that tells you what the token is for."},
    )
    expires_on = forms.DateField(
        label="Last day",
        help_text="It stops at midnight after this day; at most one year away.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose the last day of the token.",
            "invalid": "Enter a date such as 2027-03-31.",
        },
    )
    scope = forms.ChoiceField(
        label="What it may do",
        choices=[
            ("all", "Everything that its owner may do"),
            ("some", "Only the functions chosen below"),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    components = forms.MultipleChoiceField(
        label="Functions",
        help_text="When it is limited: choose at least one. A limited token opens no desk and "
        "creates no tokens.",
        required=False,
        widget=GroupedCheckboxes,
    )
    networks = forms.CharField(
        label="Networks",
        help_text="One on each line, for example 203.0.113.0/24. A call from elsewhere is refused, "
        "and you are told. Leave it empty to allow any.",
        required=False,
        max_length=1_200,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, components: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["components"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101  declared above
        grouped = {
            word: [one for one in components if one[0] in them] for word, them in COMPONENTS_BY_TASK
        }
        chosen.choices = [(word, them) for word, them in grouped.items() if them]

    @property
    def expires_at(self) -> datetime:
        """The midnight after the last day, in London."""
        last_day: date = self.cleaned_data["expires_on"]
        return datetime.combine(last_day + timedelta(days=1), time(), LONDON)

    @property
    def limited_to(self) -> list[str] | None:
        """The components chosen, or None for all."""
        return self.cleaned_data["components"] if self.cleaned_data["scope"] == "some" else None

    @property
    def bound_to(self) -> tuple[str, ...]:
        """The networks entered, as typed."""
        return tuple(one.strip() for one in self.cleaned_data["networks"].split() if one.strip())


class RotateForm(RefusableForm):
    """How long the secret before works on."""

    places = {"expires_at": "expires_on"}
    overlap_hours = forms.ChoiceField(
        label="The old secret works on for",
        choices=_OVERLAPS,
        initial="24",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how long the old secret works on."},
    )
    expires_on = forms.DateField(
        label="New last day",
        help_text="Leave it empty to keep the day it has.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date such as 2027-03-31."},
    )

    @property
    def expires_at(self) -> datetime | None:
        """The midnight after the new last day, in London; None to keep the end it has."""
        day: date | None = self.cleaned_data["expires_on"]
        return datetime.combine(day + timedelta(days=1), time(), LONDON) if day else None

    @property
    def overlap(self) -> timedelta:
        """How long the old secret works on."""
        return timedelta(hours=int(self.cleaned_data["overlap_hours"]))


class TokenFilter(RefusableForm):
    """Which tokens of an organisation to list."""

    text = forms.CharField(label="Token or owner", max_length=150, required=False)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[
            ("", "Active"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
            ("all", "All"),
        ],
    )
    unused = forms.ChoiceField(
        label="Last used",
        required=False,
        choices=[("", "Any"), ("30", "Not for 30 days"), ("90", "Not for 90 days")],
    )


class ServiceAccountFilter(RefusableForm):
    """Which service accounts to list."""

    text = forms.CharField(label="Username or name", max_length=150, required=False)
    closed = forms.ChoiceField(
        label="State", required=False, choices=[("", "Open"), ("yes", "Open and closed")]
    )


class ServiceAccountForm(RefusableForm):
    """A service account: what it is called and for, and its roles on each UserId."""

    organisation = forms.TypedChoiceField(label="Organisation", coerce=int)
    username = forms.CharField(
        label="Username",
        help_text="Begin it with a short name of your organisation, for example alder.billing.",
        max_length=150,
        error_messages={"required": "Enter a username."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        label="Name",
        help_text="Which program it is, as it stands in histories.",
        max_length=100,
        error_messages={"required": "Enter a name that tells you which program it is."},
    )
    purpose = forms.CharField(
        label="Purpose",
        help_text="What it is for and who answers for it.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what it is for and who answers for it."},
    )
    roles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    desk = forms.MultipleChoiceField(
        label="Desk roles", required=False, widget=forms.CheckboxSelectMultiple
    )
    feeds = forms.MultipleChoiceField(
        label="Data it may push", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        offered: ServiceOffer,
        record: ServiceAccountRecord | None = None,
        **kwargs: Any,
    ) -> None:
        if record is not None:
            kwargs["initial"] = {
                "name": record.row.name,
                "purpose": record.row.purpose,
                "roles": [value_of(pair) for pair in record.roles],
                "desk": sorted(record.desk),
                "feeds": sorted(record.feeds),
                "version": record.version,
            }
        super().__init__(*args, **kwargs)
        if record is not None:
            del self.fields["username"]
        if offered.organisations:
            self._choose("organisation", [(str(pk), name) for pk, name in offered.organisations])
        else:
            del self.fields["organisation"]
        held = record.roles if record else frozenset()
        self._matrix = RolesMatrix(offered.user_ids, _ROLES, held)
        self._choose("roles", self._matrix.choices)
        self._choose("desk", [(one, one.replace("_", " ").capitalize()) for one in offered.desk])
        self._choose("feeds", list(offered.feeds))

    @property
    def matrix(self) -> list[MatrixRow]:
        """A row for each Job Type Role, a cell for each UserId offered."""
        return self._matrix.rows(self["roles"].value() or ())

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = choices

    @property
    def organisation_id(self) -> int | None:
        """Whose it is to be; None for one's own."""
        return self.cleaned_data.get("organisation")

    @property
    def details(self) -> ServiceAccountDetails:
        """What was entered, for the action."""
        given = self.cleaned_data
        return ServiceAccountDetails(
            name=given["name"],
            purpose=given["purpose"],
            roles=pairs_of(given["roles"]),
            desk=frozenset(DeskRole(role) for role in given["desk"]),
            feeds=frozenset(given["feeds"]),
        )


class CloseForm(RefusableForm):
    """Closing a service account: its username, typed."""

    username = forms.CharField(
        label="Its username",
        help_text="Type it, so that nothing is closed by mistake.",
        max_length=150,
        error_messages={"required": "Type the username of the account."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

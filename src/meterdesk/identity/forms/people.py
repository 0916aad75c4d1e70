"""Forms of the administration of accounts (SSI-FR-58 to 61)."""

from typing import Any, Final

from django import forms

from meterdesk.identity.actions import AccountDetails
from meterdesk.identity.forms.roles import MatrixRow, RolesMatrix, pairs_of, value_of
from meterdesk.identity.queries import AccountRecord, Assignable, Offer
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.rules.accounts import (
    DEPARTMENT_LONGEST,
    LINE_MANAGER_LONGEST,
    NAME_LONGEST,
    Credential,
)
from meterdesk.platform.web.refusable import RefusableForm

_DESK_WORDS: Final = {role: role.value.replace("_", " ").capitalize() for role in DeskRole}
_LAST_LOG_IN: Final = [
    ("", "Any"),
    ("7", "Within 7 days"),
    ("30", "Within 30 days"),
    ("none60", "None for 60 days"),
    ("none90", "None for 90 days"),
    ("dormant", "Dormant"),
    ("never", "Never"),
]


class ReportFilter(RefusableForm):
    """Whose log-ins to list."""

    text = forms.CharField(label="Name or department", max_length=150, required=False)
    last_login = forms.ChoiceField(label="Last log-in", required=False, choices=_LAST_LOG_IN)


class PeopleFilter(ReportFilter):
    """Which people to list."""

    field_order = ("text", "status", "role", "user_id", "department", "last_login")
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[
            ("", "All but deleted"),
            ("ACTIVE", "Active"),
            ("LOCKED", "Locked"),
            ("DELETED", "Deleted"),
            ("ALL", "All"),
        ],
    )
    role = forms.ChoiceField(label="Role", required=False)
    user_id = forms.ChoiceField(label="UserId", required=False)
    department = forms.ChoiceField(label="Department", required=False)

    def __init__(self, *args: Any, offered: Offer, departments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        desk = [(role.value, _DESK_WORDS[role]) for role in offered.desk]
        self._choose("role", desk or [(role.value, role.value) for role in JobTypeRole])
        self._choose("user_id", [(one.eui, _user_id_words(one)) for one in offered.user_ids])
        self._choose("department", [(one, one) for one in departments])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Offer these, or leave the filter out where there is nothing to choose from."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        if choices:
            field.choices = [("", "Any"), *choices]
        else:
            del self.fields[name]


class PersonForm(RefusableForm):
    """Names, address, department, line manager, and the roles on each UserId (SSI-FR-60)."""

    first_name = forms.CharField(
        label="First name",
        max_length=NAME_LONGEST,
        error_messages={"required": "Enter a first name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=NAME_LONGEST,
        error_messages={"required": "Enter a last name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.CharField(
        label="Email address",
        help_text="At the organisation; free-mail addresses are refused.",
        max_length=254,
        error_messages={"required": "Enter an email address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    department = forms.CharField(label="Department", max_length=DEPARTMENT_LONGEST, required=False)
    line_manager = forms.CharField(
        label="Line manager", max_length=LINE_MANAGER_LONGEST, required=False
    )
    roles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    desk = forms.MultipleChoiceField(
        label="Desk roles", required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, offered: Offer, record: AccountRecord | None = None, **kwargs: Any
    ) -> None:
        if record is not None:
            kwargs["initial"] = _initial(record)
        super().__init__(*args, **kwargs)
        held = record.roles if record else frozenset()
        self._matrix = RolesMatrix(offered.user_ids, JobTypeRole, held)
        self._choose("roles", self._matrix.choices)
        held_desk = record.desk if record else frozenset()
        roles = [role for role in DeskRole if role in offered.desk or role in held_desk]
        self._choose("desk", [(role, _DESK_WORDS[role]) for role in roles])

    @property
    def details(self) -> AccountDetails:
        """What was entered, for the action."""
        given = self.cleaned_data
        return AccountDetails(
            first_name=given["first_name"],
            last_name=given["last_name"],
            email=given["email"],
            department=given["department"],
            line_manager=given["line_manager"],
            roles=pairs_of(given["roles"]),
            desk=frozenset(DeskRole(role) for role in given["desk"]),
        )

    @property
    def matrix(self) -> list[MatrixRow]:
        """A row for each Job Type Role, a cell for each UserId offered."""
        return self._matrix.rows(self["roles"].value() or ())

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  declared above
        field.choices = choices


_CREDENTIALS: Final = [
    (Credential.LINK.value, "Send a set-up link to the email address; it works once, for 24 hours"),
    (
        Credential.PASSWORD.value,
        "Show me a password for one use, which I hand over myself",
    ),
]


class NewPersonForm(PersonForm):
    """A new account: a username besides, and how its holder comes by a password (SSI-FR-61)."""

    field_order = ("username", "first_name", "last_name")
    username = forms.CharField(
        label="Username",
        help_text="It cannot be changed later, and nobody anywhere may have it already.",
        max_length=150,
        error_messages={"required": "Enter a username."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    credential = forms.ChoiceField(
        label="First password",
        choices=_CREDENTIALS,
        initial=Credential.LINK.value,
        widget=forms.RadioSelect,
    )


class ResetForm(RefusableForm):
    """How a person comes by the next password."""

    credential = forms.ChoiceField(
        label="New password",
        choices=_CREDENTIALS,
        initial=Credential.LINK.value,
        widget=forms.RadioSelect,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class DeletePersonForm(RefusableForm):
    """The username once more, so that nobody is deleted by a slip."""

    username = forms.CharField(
        label="Username of the account to delete",
        max_length=150,
        error_messages={"required": "Enter the username to confirm."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_username(self) -> str:
        """It must be this account's, in whatever letter case."""
        given: str = self.cleaned_data["username"].strip()
        if given.lower() != self._expected.lower():
            raise forms.ValidationError(f"Enter {self._expected} to confirm.")
        return given


class AccountRulesForm(RefusableForm):
    """The organisation's domains, when an account is dormant, how often all are reviewed."""

    email_domains = forms.CharField(
        label="Email domains",
        help_text="One a line, such as example.org. New addresses must lie within them; without "
        "any, every corporate address is taken.",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    dormant_after_days = forms.IntegerField(
        label="Dormant after",
        help_text="Days without a log-in.",
        error_messages={"required": "Enter 7 to 730 days.", "invalid": "Enter 7 to 730 days."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    review_every_months = forms.IntegerField(
        label="Review every",
        help_text="Months after which administrators confirm or remove each account.",
        error_messages={"required": "Enter 1 to 24 months.", "invalid": "Enter 1 to 24 months."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ImportForm(RefusableForm):
    """A file of new accounts."""

    upload = forms.FileField(
        label="CSV file",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty. Choose another one.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


def _initial(record: AccountRecord) -> dict[str, Any]:
    return {
        "first_name": record.first_name,
        "last_name": record.last_name,
        "email": record.email,
        "department": record.row.department,
        "line_manager": record.row.line_manager,
        "roles": [value_of(pair) for pair in record.roles],
        "desk": sorted(record.desk),
        "version": record.row.version,
    }


def _user_id_words(one: Assignable) -> str:
    whose = "" if one.is_own else f", {one.organisation_name}"
    return f"{one.user_role} {one.eui}{whose}"

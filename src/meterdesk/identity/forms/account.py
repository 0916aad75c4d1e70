"""Forms of log-in, set-up and profile."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from meterdesk.platform.web.refusable import RefusableForm

LONDON = ZoneInfo("Europe/London")
LONGEST_PASSWORD = 256


class LogInForm(RefusableForm):
    """Username and password."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        error_messages={"required": "Enter your username."},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(RefusableForm):
    """The authenticator's code, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        error_messages={"required": "Enter the code that your authenticator app shows."},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class NewPasswordForm(RefusableForm):
    """A new password, twice."""

    password = forms.CharField(
        label="New password",
        help_text="At least 12 characters, not a common one, and nothing like your name. "
        "Three or four words that do not belong together are good.",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": "Enter a new password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": "Enter the new password again."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        given = super().clean() or {}
        if {"password", "again"} <= given.keys() and given["password"] != given["again"]:
            self.add_error("again", "This is not the same as the new password above.")
        return given


class DetailsForm(RefusableForm):
    """First name, last name, email address, telephone (SSI-FR-1)."""

    first_name = forms.CharField(
        label="First name",
        max_length=100,
        error_messages={"required": "Enter your first name."},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=100,
        error_messages={"required": "Enter your last name."},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label="Email address",
        error_messages={
            "required": "Enter your email address.",
            "invalid": "Enter an email address such as name@example.org.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    telephone = forms.CharField(
        label="Telephone",
        help_text="A number that the service desk can reach you at.",
        max_length=40,
        error_messages={"required": "Enter a telephone number that you can be reached at."},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class BookmarkForm(RefusableForm):
    """A page to keep."""

    title = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Enter a name for the page."}
    )
    path = forms.CharField(
        label="Address",
        help_text="As it stands in the address bar after the name of the site, for example "
        "/people/",
        max_length=500,
        error_messages={"required": "Enter the address of the page."},
    )

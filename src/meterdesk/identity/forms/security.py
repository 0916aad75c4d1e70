"""Forms of second factors, and of fresh proof."""

from typing import Any

from django import forms

from meterdesk.identity.forms.account import LONGEST_PASSWORD, CodeForm
from meterdesk.identity.rules import FACTOR_NAME_LONGEST
from meterdesk.platform.web.refusable import RefusableForm


class AppForm(CodeForm):
    """A new authenticator app: what to call it, and the code that it shows."""

    name = forms.CharField(
        label="Name",
        help_text="So that you know it again when you have several.",
        max_length=FACTOR_NAME_LONGEST,
        error_messages={"required": "Enter a name that you know it by."},
    )


class KeyForm(RefusableForm):
    """What a security key or a passkey answered; scripts fill it in."""

    answer = forms.CharField(
        max_length=20_000,
        widget=forms.HiddenInput,
        error_messages={"required": "The browser gave no answer from the key. Try again."},
    )


class NewKeyForm(KeyForm):
    """A new security key or passkey: what to call it, and its answer."""

    name = forms.CharField(
        label="Name",
        help_text="So that you know it again when you have several.",
        max_length=FACTOR_NAME_LONGEST,
        error_messages={"required": "Enter a name that you know it by."},
    )


class FactorForm(RefusableForm):
    """A second factor under another name."""

    name = forms.CharField(
        label="Name",
        max_length=FACTOR_NAME_LONGEST,
        error_messages={"required": "Enter a name that you know it by."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ProofForm(RefusableForm):
    """Password and code, or password and key, or a passkey alone."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label="Code",
        help_text="From your authenticator app, or a recovery code.",
        max_length=20,
        error_messages={"required": "Enter the code that your authenticator app shows."},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )
    answer = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
    alone = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["password"].required = not self.data.get("alone")
            self.fields["code"].required = not self.data.get("answer")

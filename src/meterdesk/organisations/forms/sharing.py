"""What administrators and officers fill in about sharing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from meterdesk.kernel.signatures import LONGEST_SIGNATURE
from meterdesk.organisations.actions import Proposal, Rescinding
from meterdesk.organisations.forms.fields import VersionedForm, day, line, paragraph
from meterdesk.organisations.queries import Choices, SharingPage
from meterdesk.organisations.rules import SharingState
from meterdesk.platform.web.refusable import RefusableForm


class SharingsFilter(forms.Form):
    """By state."""

    use_required_attribute = False
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((one.value, one.word) for one in SharingState)],
    )


def _officers(choices: Choices) -> forms.TypedChoiceField:
    known = [(one.id, f"{one.name}, {one.kind.title}") for one in choices.officers]
    return forms.TypedChoiceField(
        label="Authorised by",
        coerce=int,
        choices=[("", "Choose an officer"), *known],
        help_text="A Senior Responsible Officer of your organisation, recorded by the operator. "
        "The officer signs on the next page.",
        error_messages={"required": "Choose the officer who authorises it."},
    )


def _user_ids(label: str, euis: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(euis),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one UserId."},
    )


class ProposalForm(RefusableForm):
    """A sharing to propose."""

    other_name = line("Other party", "Enter the other party's name.", autocomplete="off")
    other = paragraph(
        "The other party's UserIds",
        "Enter the other party's UserIds.",
        length=1_000,
        hint="One a line, as the other party gave them to you.",
    )
    until = day("Last day", hint="Leave it empty to share until one side rescinds.")
    field_order = ("own", "other_name", "other", "until", "officer")

    def __init__(self, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.eui, f"{one.eui}, {one.user_role.title}") for one in choices.user_ids]
        self.fields["own"] = _user_ids("Your UserIds", known)
        self.fields["officer"] = _officers(choices)
        self.order_fields(self.field_order)

    def proposal(self) -> Proposal:
        """What to propose; call on a valid form."""
        given = self.cleaned_data
        until: date | None = given["until"]
        return Proposal(
            own=given["own"],
            other_name=given["other_name"],
            other=given["other"].replace(",", "\n").split("\n") if given["other"] else (),
            until=until,
            officer_id=given["officer"],
        )

    def clean_other(self) -> str:
        """The lines that hold something."""
        lines = self.cleaned_data["other"].replace(",", "\n").splitlines()
        return "\n".join(one.strip() for one in lines if one.strip())


class AnswerForm(VersionedForm):
    """Who authorises the other side's notification."""

    def __init__(self, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"] = _officers(choices)


class RescindingForm(VersionedForm):
    """Which UserIds to rescind, and who authorises it."""

    def __init__(self, choices: Choices, page: SharingPage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_force = {eui for pair in page.pairs_in_force for eui in pair}
        mine = [(eui, eui) for eui in page.mine if eui in in_force]
        theirs = [(eui, eui) for eui in page.theirs if eui in in_force]
        self.fields["own"] = _user_ids("Your UserIds (Rescinding)", mine)
        self.fields["other"] = _user_ids(f"UserIds of {page.other_name} (Rescinded)", theirs)
        self.fields["officer"] = _officers(choices)
        self.initial.setdefault("own", [eui for eui, _ in mine])
        self.initial.setdefault("other", [eui for eui, _ in theirs])

    def rescinding(self) -> Rescinding:
        """What to rescind; call on a valid form."""
        given = self.cleaned_data
        return Rescinding(given["own"], given["other"], given["officer"])


class DecisionForm(VersionedForm):
    """A step to confirm, with a reason where one is asked for."""

    def __init__(self, asks_reason: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_reason:
            hint = "Both sides' officers read it."
            self.fields["why"] = paragraph("Reason", "Enter the reason.", hint=hint)


class ConfirmationForm(RefusableForm):
    """The officer's name typed, with both factors given afresh."""

    name = line("Your name", "Type your name as it stands above.", autocomplete="off")
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = line(
        "Code",
        "Enter the code that your authenticator app shows.",
        length=20,
        autocomplete="one-time-code",
        inputmode="numeric",
        spellcheck="false",
    )


class SignatureForm(RefusableForm):
    """A signature file."""

    signature = forms.FileField(
        label="Signature file",
        help_text="A detached CMS signature (.p7s), DER or PEM, at most 64 kB.",
        error_messages={"required": "Choose the signature file."},
    )

    def clean_signature(self) -> bytes:
        """The file's bytes."""
        sent = self.cleaned_data["signature"]
        if sent.size > LONGEST_SIGNATURE:
            raise forms.ValidationError("A signature has at most 64 kB. Send it without the text.")
        content: bytes = sent.read()
        return content

"""What the operator fills in about an organisation."""

from datetime import date
from typing import Any

from django import forms

from meterdesk.identity.queries import ColleagueEntry, OrganisationSearch
from meterdesk.identity.rules import OrganisationKind, Suspension, UserRole
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.organisations.actions import OfficerDetails
from meterdesk.organisations.forms.fields import VersionedForm, day, line, paragraph
from meterdesk.organisations.rules import KIND_WORDS, OfficerKind, Standing
from meterdesk.platform.web.refusable import RefusableForm

_KINDS = [
    (kind.value, KIND_WORDS[kind])
    for kind in (OrganisationKind.PARTY, OrganisationKind.SERVICE_PROVIDER)
]
_LARGEST_CERTIFICATE = 32 * 1024


class OrganisationsFilter(forms.Form):
    """Name or UserId, kind, standing."""

    use_required_attribute = False
    text = forms.CharField(label="Name or UserId", max_length=120, required=False)
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "Any"), *((one.value, KIND_WORDS[one]) for one in OrganisationKind)],
    )
    standing = forms.ChoiceField(
        label="Standing",
        required=False,
        choices=[("", "Any"), *((one.value, one.word) for one in Standing)],
    )

    def search(self, *, descending: bool) -> OrganisationSearch:
        """What was asked for; what makes no sense limits nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        text = given.get("text", "")
        try:
            text = parse_eui(text)
        except Refused:
            text = text.strip()
        return OrganisationSearch(
            text, given.get("kind", ""), given.get("standing", ""), descending=descending
        )


class TakeUpForm(RefusableForm):
    """The first step of onboarding."""

    name = line("Name", "Enter the organisation's name.", hint="As it stands in the Code's list.")
    kind = forms.ChoiceField(label="Kind", choices=_KINDS, widget=forms.RadioSelect)


class NameForm(VersionedForm):
    """A name to correct."""

    name = line("Name", "Enter the organisation's name.")


class UserIdForm(RefusableForm):
    """A UserId to give."""

    eui = line(
        "UserId",
        "Enter the UserId.",
        length=40,
        hint="An EUI-64: 16 characters, with or without hyphens.",
        autocomplete="off",
        spellcheck="false",
    )
    role = forms.ChoiceField(
        label="User Role", choices=[(one.value, f"{one.title} ({one.value})") for one in UserRole]
    )

    def clean_eui(self) -> str:
        """The canonical UserId."""
        try:
            return parse_eui(self.cleaned_data["eui"])
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused


class OfficerForm(VersionedForm):
    """What is recorded of an officer."""

    kind = forms.ChoiceField(
        label="Office",
        choices=[(one.value, f"{one.title} ({one.value})") for one in OfficerKind],
        widget=forms.RadioSelect,
    )
    name = line("Name", "Enter the officer's name.", autocomplete="off")
    email = forms.EmailField(
        label="Email address",
        error_messages={
            "required": "Enter the officer's email address.",
            "invalid": "Enter an email address such as name@example.org.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    telephone = line(
        "Telephone",
        "Enter the officer's telephone number.",
        length=40,
        autocomplete="off",
        inputmode="tel",
    )
    active_from = day("First day in office", "Enter the first day.", required=True)
    active_until = day("Last day in office", hint="Leave it empty while there is no end.")
    certificate = forms.FileField(
        label="Certificate",
        required=False,
        help_text="X.509, PEM or DER. Signatures by it are checked against this very one.",
    )
    drop_certificate = forms.BooleanField(label="Remove the recorded certificate", required=False)

    def __init__(
        self, people: list[ColleagueEntry], recorded: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.id, f"{one.name} ({one.username})") for one in people]
        self.fields["person"] = forms.TypedChoiceField(
            label="Own account",
            required=False,
            choices=[("", "None"), *known],
            coerce=int,
            empty_value=None,
            help_text="With one, the officer can sign by logging in with the second factor.",
        )
        if not recorded:
            del self.fields["drop_certificate"]

    def clean_certificate(self) -> bytes:
        """The file's bytes; nothing when none was sent."""
        sent = self.cleaned_data["certificate"]
        if not sent:
            return b""
        if sent.size > _LARGEST_CERTIFICATE:
            raise forms.ValidationError("A certificate has at most 32 kB.")
        content: bytes = sent.read()
        return content

    def details(self, recorded: str) -> OfficerDetails:
        """What to keep; call on a valid form. `recorded`: the certificate there is (PEM)."""
        given = self.cleaned_data
        kept = b"" if given.get("drop_certificate") else recorded.encode()
        until: date | None = given["active_until"]
        return OfficerDetails(
            kind=OfficerKind(given["kind"]),
            name=given["name"],
            email=given["email"],
            telephone=given["telephone"],
            active_from=given["active_from"],
            active_until=until,
            certificate=given["certificate"] or kept,
            person_id=given["person"],
        )


class AdministratorForm(RefusableForm):
    """Who is to administer the organisation first."""

    username = line(
        "Username",
        "Enter a username.",
        length=150,
        hint="Unique everywhere; it cannot be changed later.",
        autocomplete="off",
        autocapitalize="none",
        spellcheck="false",
    )
    first_name = line("First name", "Enter the first name.", length=100, autocomplete="off")
    last_name = line("Last name", "Enter the last name.", length=100, autocomplete="off")
    email = forms.EmailField(
        label="Corporate email address",
        help_text="A link to set the account up goes there.",
        error_messages={
            "required": "Enter the email address.",
            "invalid": "Enter an email address such as name@example.org.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class SuspensionForm(VersionedForm):
    """How far to suspend, and why."""

    level = forms.ChoiceField(
        label="Access",
        choices=[
            (Suspension.NONE.value, "Not suspended: everything works"),
            (Suspension.READ_ONLY.value, "Reading only: changes are refused"),
            (Suspension.NOTHING.value, "No access: nobody logs in or acts"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        required=False,
        help_text="The people concerned read it. Not needed to lift a suspension.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ClosingForm(VersionedForm):
    """Off-boarding: the reason, and the name typed again."""

    reason = paragraph("Reason", "Enter the reason.")
    name = line("Name of the organisation", "Type the organisation's name.", autocomplete="off")

    def __init__(self, expected: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_name(self) -> str:
        """The name, as a last check that it is the right organisation."""
        given = " ".join(self.cleaned_data["name"].split())
        if given.casefold() != self.expected.casefold():
            raise forms.ValidationError(f"Type {self.expected} to confirm.")
        return given

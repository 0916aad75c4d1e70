"""Raising a request: one form that every request type's own fields are drawn into (SSI-FR-56)."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms

from meterdesk.catalogue.actions import DisputeDatum, RaiseRequest
from meterdesk.catalogue.queries import acting_for
from meterdesk.catalogue.rules.data import LONGEST_VALUE, Datum, RecordName
from meterdesk.catalogue.rules.definition import Field, FieldKind, RequestType, as_date
from meterdesk.identity.rules import Actor
from meterdesk.kernel.contacts import Contact
from meterdesk.kernel.errors import Refused
from meterdesk.platform.files import Upload
from meterdesk.platform.web.forms import AskingForm, line, paragraph

ANSWERS = "answers."
"""Before the names of a request type's own fields, as the action names them in a refusal."""


class ContactFields(AskingForm):
    """Whom the desk speaks to: the requester, and a second one (SSI-FR-55, 56)."""

    first_name = line("First name", 100, required=True)
    last_name = line("Last name", 100, required=True)
    telephone = line("Telephone number", 40, required=True)
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages={
            "required": "Enter the email address.",
            "invalid": "Enter an email address such as name@example.com.",
        },
    )
    other_first_name = line("First name", 100)
    other_last_name = line("Last name", 100)
    other_telephone = line("Telephone number", 40)
    other_email = forms.EmailField(label="Email address", required=False, max_length=254)

    def contact(self) -> Contact:
        """The requester; call on a valid form."""
        return self._contact("")

    def other_contact(self) -> Contact | None:
        """The second contact, None when nothing was entered."""
        found = self._contact("other_")
        return found if found.name or found.telephone or found.email else None

    def _contact(self, prefix: str) -> Contact:
        names = ("first_name", "last_name", "telephone", "email")
        return Contact(*(self.cleaned_data[prefix + name].strip() for name in names))


class ContactsForm(ContactFields):
    """Changing them on a request that was raised."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RaiseForm(ContactFields):
    """A request of any type; a valid form has what the action takes."""

    user_id = forms.ChoiceField(label="For which UserId")
    summary = line("Summary", 160, required=True, hint="One line that says what you need.")
    your_reference = line("Your reference", 60)
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, asked: RequestType, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        entries = acting_for(actor)
        user_id = self.fields["user_id"]
        assert isinstance(user_id, forms.ChoiceField)  # noqa: S101  as declared above
        user_id.choices = [(one.eui, f"{one.eui} {one.user_role.title}") for one in entries]
        user_id.initial = entries[0].eui if entries else None
        if len(entries) == 1:
            user_id.widget = forms.HiddenInput()
        self.fields["form_token"].initial = uuid4
        for one in asked.fields:
            self.fields[ANSWERS + one.name] = _drawn(one)

    @property
    def own_fields(self) -> Iterable[forms.BoundField]:
        """The fields of the request type, in its order."""
        return [self[ANSWERS + one.name] for one in self.asked.fields]

    def wanted(self, evidence: Upload | None = None) -> RaiseRequest:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        return RaiseRequest(
            user_id=given["user_id"],
            request_type=self.asked.code,
            contact=self.contact(),
            summary=given.get("summary", ""),
            answers={one.name: given[ANSWERS + one.name] for one in self.asked.fields},
            your_reference=given["your_reference"],
            additional_contact=self.other_contact(),
            dispute=self.disputed(),
            evidence=evidence,
            form_token=given["form_token"],
        )

    def disputed(self) -> DisputeDatum | None:
        """What is disputed; nothing here."""
        return None


class DisputeForm(RaiseForm):
    """The dispute of a datum: the value that should stand, and since when."""

    proposed_since = forms.CharField(
        label="Since when",
        required=False,
        max_length=10,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day on which it was so; leave it empty when you do not know.",
    )

    def __init__(
        self,
        actor: Actor,
        asked: RequestType,
        record: RecordName,
        datum: Datum,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(actor, asked, *args, **kwargs)
        self.record, self.datum = record, datum
        del self.fields["summary"]
        self.fields["proposed_value"] = (
            _choice("Value that should stand", datum.choices, required=True)
            if datum.choices
            else line("Value that should stand", LONGEST_VALUE, required=True)
        )

    def clean_proposed_since(self) -> str:
        """A date, or nothing."""
        typed = str(self.cleaned_data["proposed_since"]).strip()
        try:
            return as_date(typed).isoformat() if typed else ""
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused

    def disputed(self) -> DisputeDatum:
        """Record, datum and value."""
        given = self.cleaned_data
        since = given["proposed_since"]
        return DisputeDatum(
            record=self.record,
            datum=self.datum.name,
            proposed_value=given["proposed_value"],
            proposed_since=as_date(since) if since else None,
        )


def form_for(
    actor: Actor,
    asked: RequestType,
    disputed: tuple[RecordName, Datum] | None,
    *args: Any,
    **kwargs: Any,
) -> RaiseForm:
    """The form of a request type; of a dispute, with the record and its datum."""
    if disputed:
        return DisputeForm(actor, asked, *disputed, *args, **kwargs)
    return RaiseForm(actor, asked, *args, **kwargs)


def _drawn(one: Field) -> forms.Field:
    match one.kind:
        case FieldKind.PARAGRAPH:
            return paragraph(one.label, required=one.required, hint=one.hint)
        case FieldKind.CHOICE:
            return _choice(one.label, one.choices, required=one.required, hint=one.hint)
    field = line(one.label, LONGEST_VALUE, required=one.required, hint=one.hint)
    if one.kind is FieldKind.DATE:
        field.widget = forms.DateInput(attrs={"type": "date"})
    elif one.kind is FieldKind.NUMBER:
        field.widget.attrs["inputmode"] = "numeric"
    return field


def _choice(
    label: str, choices: Iterable[str], *, required: bool, hint: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=hint,
        choices=[("", "Choose"), *((one, one) for one in choices)],
        error_messages={"required": f"Choose: {label.lower()}."},
    )

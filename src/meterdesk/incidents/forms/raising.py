"""Raising an incident (SSI-FR-22, 26, 28)."""

from typing import Any
from uuid import uuid4

from django import forms

from meterdesk.identity.rules import Actor
from meterdesk.incidents.actions import Contact, RaiseIncident
from meterdesk.incidents.queries import acting_for, categories
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.targets import Impact, Urgency
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_reference
from meterdesk.platform.web.forms import AskingForm, line, paragraph

_PROPOSED = ("", "As impact and urgency propose")
_AREA = [("", "Choose"), *((area.value, area.word) for area in Area)]
IMPACTS = [(str(one.value), one.word) for one in Impact]
URGENCIES = [(str(one.value), one.word) for one in Urgency]
OCCURRED = "%Y-%m-%dT%H:%M"


class RaiseForm(AskingForm):
    """Raising an incident; a valid form has what the action takes (SSI-FR-22, 26, 28)."""

    user_id = forms.ChoiceField(label="For which UserId")
    device_id = line("Device ID", 60, hint="Leave both empty if it is about no premises.")
    mpxn = line("MPAN or MPRN", 60)
    area = forms.ChoiceField(
        label="What is it about",
        choices=_AREA,
        error_messages={"required": "Choose what it is about."},
    )
    summary = line("Summary", 160, required=True, hint="One line that says what is wrong.")
    business_impact = paragraph("Business impact", hint="What you cannot do because of it.", rows=3)
    impact = forms.ChoiceField(label="How much is affected", choices=IMPACTS, initial="3")
    urgency = forms.ChoiceField(label="Urgency", choices=URGENCIES, initial="2")
    category = forms.ChoiceField(
        label="Category", required=False, help_text="A proposal: the operator sets it."
    )
    notes = paragraph("Notes", hint="What you saw and tried. Interested parties can read this.")
    your_reference = line("Your reference", 60)
    occurred_at = forms.DateTimeField(
        label="When it happened",
        required=False,
        input_formats=[OCCURRED],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=OCCURRED),
        help_text="UK local time. Empty means now.",
    )
    diagnosis_not_run = line(
        "Why Diagnose was not run",
        300,
        hint="Asked before every incident: what you checked yourself, or why it does not apply.",
    )
    first_name = line("First name", 100, required=True)
    last_name = line("Last name", 100, required=True)
    telephone = line("Telephone number", 40, required=True)
    email = forms.EmailField(label="Email address", required=False)
    other_first_name = line("First name", 100)
    other_last_name = line("Last name", 100)
    other_telephone = line("Telephone number", 40)
    other_email = forms.EmailField(label="Email address", required=False)
    repeat_of = line("Repeats an earlier incident", 15, hint="Its reference, if there is one.")
    diagnosis = forms.UUIDField(required=False, widget=forms.HiddenInput)
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entries = acting_for(actor)
        user_id, category = self.fields["user_id"], self.fields["category"]
        assert isinstance(user_id, forms.ChoiceField)  # noqa: S101  as declared above
        assert isinstance(category, forms.ChoiceField)  # noqa: S101  as declared above
        user_id.choices = [
            (one.eui, f"{one.eui} {one.organisation_name}, {one.user_role.title}")
            for one in entries
        ]
        user_id.initial = entries[0].eui if entries else None
        if len(entries) == 1:
            user_id.widget = forms.HiddenInput()
        category.choices = [
            _PROPOSED,
            *((str(one.number), f"{one.number}: {one.meaning}") for one in categories().values()),
        ]
        self.fields["form_token"].initial = uuid4

    def clean_device_id(self) -> str:
        """An EUI-64, however it was typed."""
        return self.parsed("device_id", parse_eui)

    def clean_mpxn(self) -> str:
        """An MPAN or MPRN, however it was typed."""
        return self.parsed("mpxn", parse_mpxn)

    def clean_repeat_of(self) -> str:
        """A reference, however it was typed."""
        return self.parsed("repeat_of", parse_reference)

    def wanted(self, diagnosis: dict[str, Any] | None) -> RaiseIncident:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        other = Contact(
            given["other_first_name"],
            given["other_last_name"],
            given["other_telephone"],
            given["other_email"],
        )
        return RaiseIncident(
            user_id=given["user_id"],
            area=Area(given["area"]),
            summary=given["summary"],
            contact=Contact(
                given["first_name"], given["last_name"], given["telephone"], given["email"]
            ),
            device_id=given["device_id"] or None,
            mpxn=given["mpxn"] or None,
            impact=Impact(int(given["impact"])),
            urgency=Urgency(int(given["urgency"])),
            category=int(given["category"]) if given["category"] else None,
            notes=given["notes"],
            business_impact=given["business_impact"],
            your_reference=given["your_reference"],
            additional_contact=other if other.name else None,
            occurred_at=given["occurred_at"],
            diagnosis=diagnosis,
            diagnosis_not_run=given["diagnosis_not_run"],
            repeat_of=given["repeat_of"] or None,
            form_token=given["form_token"],
        )

"""Taking a step, and adding a file."""

from typing import Any

from django import forms

from meterdesk.catalogue.queries import View
from meterdesk.catalogue.rules.states import TRANSITIONS, RequestVerb
from meterdesk.platform.web.forms import AskingForm, paragraph

_HINTS = {
    RequestVerb.ASK: "The raiser reads this and gets it by email.",
    RequestVerb.COMPLETE: "The raiser reads this and gets it by email.",
    RequestVerb.REJECT: "The raiser reads this and gets it by email.",
    RequestVerb.NOTE: "Only the operator's desk reads this.",
}
_ACCEPTED = (
    "Say how the correction comes in: such as the refresh that was asked of the registration data "
    "provider, or the file that its source sends anew. The raiser reads this."
)


class StepForm(AskingForm):
    """A verb that asks for words at most."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, verb: RequestVerb, seen: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = seen.version
        if asks := TRANSITIONS[verb].asks:
            of_dispute = verb is RequestVerb.COMPLETE and seen.dispute is not None
            hint = _ACCEPTED if of_dispute else _HINTS.get(verb, "")
            self.fields["text"] = paragraph(asks, required=True, hint=hint)
            self.fields["text"].error_messages["required"] = f"Enter: {asks.lower()}."


class AttachForm(AskingForm):
    """Adding a file."""

    file = forms.FileField(
        label="File",
        help_text="PDF, PNG, JPEG, text, CSV, XML, JSON, XLSX or DOCX, at most 10 MB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "attach_%s")
        super().__init__(*args, **kwargs)

"""Writing on an incident: updates and attachments (SSI-FR-30)."""

from collections.abc import Iterable
from typing import Any

from django import forms

from meterdesk.incidents.rules.audience import Audience
from meterdesk.platform.web.forms import AskingForm, paragraph


class UpdateForm(AskingForm):
    """Writing on an incident: type of update and text (SSI-FR-30)."""

    audience = forms.ChoiceField(label="Type of update")
    text = paragraph("Update", required=True)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, audiences: Iterable[Audience], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        field.choices = [(one.value, one.word) for one in audiences]
        self.fields["text"].error_messages["required"] = "Enter the update."


class AttachForm(AskingForm):
    """Adding a file for an audience."""

    audience = forms.ChoiceField(label="Who can have it")
    file = forms.FileField(
        label="File",
        help_text="PDF, PNG, JPEG, text, CSV, XML, JSON, XLSX or DOCX, at most 10 MB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, audiences: Iterable[Audience], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "attach_%s")
        super().__init__(*args, **kwargs)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        field.choices = [(one.value, one.word) for one in audiences]

"""The upload form of the intake."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from meterdesk.platform.intake.uploads import Upload


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:
        """Each file, checked."""
        given = data if isinstance(data, list | tuple) else [data]
        one = super().clean
        return [one(file, initial) for file in given or [None]]


class IntakeForm(forms.Form):
    """Which files, of what kind, and for messages when they were received."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="Kind",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the files hold."},
    )
    upload = FilesField(
        label="Files",
        help_text="CSV, NDJSON or XML, or a ZIP of such files, up to 200 MB each. Several of one "
        "kind make one run.",
        error_messages={
            "required": "Choose at least one file.",
            "empty": "This file is empty. Choose another.",
        },
    )
    received_at = forms.DateTimeField(
        label="Received at",
        required=False,
        help_text="UK time. For the trail alone: when the messages were received; empty means now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"],
        error_messages={"invalid": "Enter a date and time such as 2026-04-01 09:30."},
    )
    dry_run = forms.BooleanField(
        label="Dry run",
        required=False,
        help_text="Report what would happen, and change nothing. Others of the kind wait for it.",
    )

    def __init__(self, kinds: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField

    def clean_received_at(self) -> Any:
        """An instant that is not to come."""
        given = self.cleaned_data["received_at"]
        if given and given > timezone.now():
            raise forms.ValidationError("Enter a time that has passed.")
        return given

    @property
    def uploads(self) -> list[Upload]:
        """The files of a valid form."""
        return [
            Upload(file.name or "file", file.size or 0, file)
            for file in self.cleaned_data["upload"]
        ]

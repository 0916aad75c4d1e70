"""Forms of logging in through an organisation, and of failed log-ins."""

from django import forms


class ChooseForm(forms.Form):
    """The log-in address of one's organisation."""

    use_required_attribute = False

    address = forms.CharField(
        label="Log-in name of your organisation",
        help_text="Your administrator gave it to you, for example alder-energy.",
        max_length=200,
        error_messages={"required": "Enter the log-in name of your organisation."},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_address(self) -> str:
        """The name alone, small, also when the whole address was typed."""
        parts = [part for part in str(self.cleaned_data["address"]).strip().split("/") if part]
        slug = parts[-1].lower() if parts else ""
        if not slug or not all(letter.isalnum() or letter == "-" for letter in slug):
            raise forms.ValidationError("Enter letters, digits and hyphens only.")
        return slug


class FailuresFilter(forms.Form):
    """Which failed log-ins to list."""

    use_required_attribute = False

    text = forms.CharField(label="Reference or provider", max_length=100, required=False)

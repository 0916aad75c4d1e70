"""Forms about service providers."""

from typing import Any

from django import forms

from meterdesk.identity.queries import organisations_of_kind
from meterdesk.identity.rules import OrganisationKind
from meterdesk.identity_provider.actions import NewService
from meterdesk.identity_provider.queries import Service
from meterdesk.identity_provider.rules import Told
from meterdesk.platform.web.refusable import RefusableForm


class MetadataForm(forms.Form):
    """The metadata of a service, to be read into the form below it."""

    use_required_attribute = False
    metadata = forms.CharField(
        label="Metadata",
        required=False,
        max_length=262_144,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="Paste the service's metadata to fill the fields below, or fill them by hand.",
    )


class ServiceForm(RefusableForm):
    """What is agreed with a service provider."""

    name = forms.CharField(
        label="Name", max_length=100, error_messages={"required": "Enter the service's name."}
    )
    entity_id = forms.CharField(
        label="Entity id",
        max_length=1_024,
        error_messages={"required": "Enter the service's entity id."},
    )
    acs_urls = forms.CharField(
        label="Where answers are posted",
        help_text="Assertion consumer service addresses, each on a line; the first is the default.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        error_messages={"required": "Enter at least one address."},
    )
    contact = forms.CharField(label="Contact", required=False, max_length=200)
    told = forms.MultipleChoiceField(
        label="What it is told of a person",
        required=False,
        choices=[(one.value, f"{one.label} ({one.value})") for one in Told],
        widget=forms.CheckboxSelectMultiple,
        help_text="Nothing more leaves Meterdesk. Everybody has another persistent name at every "
        "service.",
    )
    is_for_everyone = forms.TypedChoiceField(
        label="Who may use it",
        choices=[("yes", "People of every organisation"), ("no", "People of these organisations")],
        coerce=lambda text: text == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who may use it."},
    )
    organisations = forms.TypedMultipleChoiceField(
        label="Organisations", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = organisations_of_kind(OrganisationKind.PARTY)
        self.fields["organisations"].choices = [(one.id, one.name) for one in parties]  # type: ignore[attr-defined]  # a choice field has choices

    @staticmethod
    def of(service: Service) -> dict[str, Any]:
        """What the form begins with for a service provider that stands."""
        return {
            "name": service.name,
            "entity_id": service.entity_id,
            "acs_urls": "\n".join(service.acs_urls),
            "contact": service.contact,
            "told": list(service.told),
            "is_for_everyone": "yes" if service.is_for_everyone else "no",
            "organisations": list(service.organisation_ids),
            "version": service.version,
        }

    def new(self) -> NewService:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        return NewService(
            name=given["name"],
            entity_id=given["entity_id"],
            acs_urls=tuple(line.strip() for line in given["acs_urls"].split() if line.strip()),
            contact=given["contact"],
            told=tuple(given["told"]),
            is_for_everyone=given["is_for_everyone"],
            organisation_ids=tuple(given["organisations"]),
        )


class StepForm(RefusableForm):
    """Why a service provider is suspended or resumed."""

    why = forms.CharField(
        label="Why", max_length=500, error_messages={"required": "Say why; it is kept."}
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

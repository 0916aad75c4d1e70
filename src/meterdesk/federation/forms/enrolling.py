"""Forms of enrolling an identity provider."""

from datetime import timedelta
from typing import Any

from django import forms

from meterdesk.federation.actions import NewProvider
from meterdesk.federation.queries import ProviderView
from meterdesk.federation.rules import ATTRIBUTES, DEFAULT_CONTEXTS, DEFAULT_SKEW, TRANSITIONS
from meterdesk.kernel.saml import SamlRefused, read_provider_metadata
from meterdesk.platform.web.refusable import RefusableForm

_LARGEST = 262_144
_ASKING = {step.verb for steps in TRANSITIONS.values() for step in steps if step.why}
_PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class MetadataForm(forms.Form):
    """The metadata of an identity provider, as a file or as text."""

    use_required_attribute = False
    file = forms.FileField(label="Metadata file", required=False, max_length=255)
    metadata = forms.CharField(
        label="Or its text",
        required=False,
        max_length=_LARGEST,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def read(self) -> dict[str, Any]:
        """What the metadata fills of the enrolment's form. Raises SamlRefused; call when valid."""
        file = self.cleaned_data.get("file")
        document = (
            file.read(_LARGEST + 1) if file else self.cleaned_data.get("metadata", "").encode()
        )
        said = read_provider_metadata(document)
        if len(said.certificates) > 2:
            raise SamlRefused("no_certificate", "more than two")
        return {
            "entity_id": said.entity_id,
            "sso_url": said.sso_url,
            "certificate": said.certificates[0].pem,
            "next_certificate": said.certificates[1].pem if len(said.certificates) > 1 else "",
            "contact_name": said.organisation,
        }


class ProviderForm(RefusableForm):
    """What is enrolled of an identity provider (SSI-NFR-15, 19)."""

    places = {"certificates": "certificate"}
    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="Your people know it by this name.",
        error_messages={"required": "Enter a name that your people know it by."},
    )
    slug = forms.CharField(
        label="Log-in name",
        max_length=50,
        help_text="Your people log in at /saml/ and this name, for example alder-energy.",
        error_messages={"required": "Enter a log-in name."},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    entity_id = forms.CharField(
        label="Entity id",
        max_length=1_024,
        error_messages={"required": "Enter the provider's entity id."},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    sso_url = forms.CharField(
        label="Log-in address (HTTP POST)",
        max_length=1_024,
        error_messages={"required": "Enter the address for log-ins by HTTP POST."},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    certificate = forms.CharField(
        label="Signing certificate",
        max_length=20_000,
        error_messages={"required": "Give the certificate that signs assertions."},
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    next_certificate = forms.CharField(
        label="Next signing certificate",
        required=False,
        max_length=20_000,
        help_text="While keys roll over.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    contexts = forms.CharField(
        label="Agreed ways of logging in",
        initial="\n".join(DEFAULT_CONTEXTS),
        help_text="Authentication contexts with a second factor, each on a line. Provisional.",
        error_messages={"required": "Name at least one authentication context."},
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    clock_skew = forms.IntegerField(
        label="Seconds that its clock may differ",
        initial=int(DEFAULT_SKEW.total_seconds()),
        min_value=0,
        max_value=300,
        error_messages={"required": "Enter 0 to 300 seconds."},
    )
    contact_name = forms.CharField(label="Contact", required=False, max_length=200)
    contact_email = forms.EmailField(label="Contact's email address", required=False)
    contact_telephone = forms.CharField(
        label="Contact's telephone number", required=False, max_length=40
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for what, (meaning, default) in ATTRIBUTES.items():
            self.fields[f"attribute_{what}"] = forms.CharField(
                label=meaning, initial=default, max_length=200, widget=forms.TextInput(attrs=_PLAIN)
            )

    def attribute_fields(self) -> list[Any]:
        """The provider's attribute names, one field each."""
        return [self[f"attribute_{what}"] for what in ATTRIBUTES]

    @staticmethod
    def of(provider: ProviderView) -> dict[str, Any]:
        """What the form begins with for a provider that stands."""
        pems = [one.pem for one in provider.certificates]
        return {
            "name": provider.name,
            "slug": provider.slug,
            "entity_id": provider.entity_id,
            "sso_url": provider.sso_url,
            "certificate": pems[0] if pems else "",
            "next_certificate": pems[1] if len(pems) > 1 else "",
            "contexts": "\n".join(provider.contexts),
            "clock_skew": provider.clock_skew_seconds,
            "contact_name": provider.contact_name,
            "contact_email": provider.contact_email,
            "contact_telephone": provider.contact_telephone,
            "version": provider.version,
            **{f"attribute_{what}": name for what, name in provider.attribute_names.items()},
        }

    def new(self) -> NewProvider:
        """What the action takes; call on a valid form."""
        given = self.cleaned_data
        certificates = (given["certificate"], given["next_certificate"])
        return NewProvider(
            name=given["name"],
            slug=given["slug"].strip().lower(),
            entity_id=given["entity_id"],
            sso_url=given["sso_url"],
            certificates=tuple(one for one in certificates if one.strip()),
            clock_skew=timedelta(seconds=given["clock_skew"]),
            contexts=tuple(dict.fromkeys(given["contexts"].split())),
            attribute_names={what: given[f"attribute_{what}"] for what in ATTRIBUTES},
            contact_name=given["contact_name"],
            contact_email=given["contact_email"],
            contact_telephone=given["contact_telephone"],
        )


class StepForm(RefusableForm):
    """A step of the enrolment, and why where the step asks for it."""

    why = forms.CharField(label="Why", max_length=500, error_messages={"required": "Say why."})
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, verb: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{verb}_%s", **kwargs})
        self.fields["why"].required = verb in _ASKING


class CertificateForm(RefusableForm):
    """The next certificate of an active provider."""

    certificate = forms.CharField(
        label="Next signing certificate",
        max_length=20_000,
        error_messages={"required": "Give the certificate in PEM form."},
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

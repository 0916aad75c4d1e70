"""Meterdesk as a service provider: how it is named, and where answers go."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from meterdesk.kernel.saml import service_metadata


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """What an identity provider is given (SSI-NFR-17)."""

    entity_id: str
    acs_url: str

    @property
    def metadata(self) -> bytes:
        """The same as SAML metadata."""
        return service_metadata(self.entity_id, self.acs_url)


def service_provider() -> ServiceProvider:
    """Meterdesk under its configured public address, whatever host a request names."""
    site = settings.PUBLIC_URL
    return ServiceProvider(
        f"{site}{reverse('federation:metadata')}", f"{site}{reverse('federation:acs')}"
    )

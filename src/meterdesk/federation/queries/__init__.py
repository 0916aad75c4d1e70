"""Reads about identity providers and failed log-ins."""

from meterdesk.federation.queries.failures import (
    FailureDetail,
    FailureRow,
    failed_log_in,
    failed_log_ins,
)
from meterdesk.federation.queries.providers import (
    CertificateView,
    ProviderRow,
    ProviderView,
    may_enrol,
    part_of_organisation,
    provider,
    providers,
    still_vouches,
)
from meterdesk.federation.queries.service import ServiceProvider, service_provider

__all__ = [
    "CertificateView",
    "FailureDetail",
    "FailureRow",
    "ProviderRow",
    "ProviderView",
    "ServiceProvider",
    "failed_log_in",
    "failed_log_ins",
    "may_enrol",
    "part_of_organisation",
    "provider",
    "providers",
    "service_provider",
    "still_vouches",
]

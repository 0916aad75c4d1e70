"""Reads about identity providers and failed log-ins."""

from meterdesk.federation.queries.failures import (
    FailureDetail,
    FailureRow,
    failed_log_in,
    failed_log_ins,
)
from meterdesk.federation.queries.service import ServiceProvider, service_provider

__all__ = [
    "FailureDetail",
    "FailureRow",
    "ServiceProvider",
    "failed_log_in",
    "failed_log_ins",
    "service_provider",
]

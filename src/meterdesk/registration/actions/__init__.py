"""Writes of registration: rows merged, files decided, providers and refreshes looked after."""

from meterdesk.registration.actions.providers import (
    ProviderDetails,
    add_provider,
    change_provider,
    confirm_file,
    refuse_file,
)
from meterdesk.registration.actions.refreshes import (
    Difference,
    cancel_refresh,
    report_misalignment,
    request_refresh,
    settle_misalignment,
)

__all__ = [
    "Difference",
    "ProviderDetails",
    "add_provider",
    "cancel_refresh",
    "change_provider",
    "confirm_file",
    "refuse_file",
    "report_misalignment",
    "request_refresh",
    "settle_misalignment",
]

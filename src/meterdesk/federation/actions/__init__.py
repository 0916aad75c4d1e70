"""Changes to identity providers, and log-ins through them."""

from meterdesk.federation.actions.answers import Answered, receive_answer
from meterdesk.federation.actions.enrolling import (
    approve_certificate,
    change_provider,
    propose_certificate,
    remove_certificate,
    warn_of_expiry,
)
from meterdesk.federation.actions.failures import forget_what_is_over, record_failure
from meterdesk.federation.actions.log_in import Finished, finish_log_in, start_log_in
from meterdesk.federation.actions.providers import (
    NewProvider,
    add_provider,
    close_providers,
    take_step,
)

__all__ = [
    "Answered",
    "Finished",
    "NewProvider",
    "add_provider",
    "approve_certificate",
    "change_provider",
    "close_providers",
    "finish_log_in",
    "forget_what_is_over",
    "propose_certificate",
    "receive_answer",
    "record_failure",
    "remove_certificate",
    "start_log_in",
    "take_step",
    "warn_of_expiry",
]

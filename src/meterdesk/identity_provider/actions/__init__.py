"""What is done: service providers kept, requests taken, people vouched for."""

from meterdesk.identity_provider.actions.keeping import (
    NewService,
    add_service,
    change_service,
    move_service,
)
from meterdesk.identity_provider.actions.signing_on import (
    LogInAnew,
    Posting,
    answer_sign_on,
    forget_old_sign_ons,
    refuse_passive,
    take_request,
)

__all__ = [
    "LogInAnew",
    "NewService",
    "Posting",
    "add_service",
    "answer_sign_on",
    "change_service",
    "forget_old_sign_ons",
    "move_service",
    "refuse_passive",
    "take_request",
]

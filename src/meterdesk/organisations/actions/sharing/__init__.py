"""Sharing between two organisations: proposed, answered, verified, in force, ended (SSI-NFR-28)."""

from meterdesk.organisations.actions.sharing.deciding import (
    decide,
    end_sharings_of,
    expire,
    rescind_for_operator,
)
from meterdesk.organisations.actions.sharing.inviting import invite
from meterdesk.organisations.actions.sharing.proposing import (
    Proposal,
    Rescinding,
    answer,
    propose,
    write_rescinding,
)
from meterdesk.organisations.actions.sharing.signing import confirm_signature, hand_in_signature

__all__ = [
    "Proposal",
    "Rescinding",
    "answer",
    "confirm_signature",
    "decide",
    "end_sharings_of",
    "expire",
    "hand_in_signature",
    "invite",
    "propose",
    "rescind_for_operator",
    "write_rescinding",
]

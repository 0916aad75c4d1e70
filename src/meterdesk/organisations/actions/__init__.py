"""Changes to organisations, their officers and what they share."""

from meterdesk.organisations.actions.officers import OfficerDetails, record_officer, save_officer
from meterdesk.organisations.actions.organisations import (
    bring_back,
    give_user_id,
    make_first_administrator,
    off_board,
    rename,
    send_link_again,
    suspend,
    suspend_one_user_id,
    take_up,
)
from meterdesk.organisations.actions.sharing import (
    Proposal,
    Rescinding,
    answer,
    confirm_signature,
    decide,
    hand_in_signature,
    propose,
    rescind_for_operator,
    write_rescinding,
)

__all__ = [
    "OfficerDetails",
    "Proposal",
    "Rescinding",
    "answer",
    "bring_back",
    "confirm_signature",
    "decide",
    "give_user_id",
    "hand_in_signature",
    "make_first_administrator",
    "off_board",
    "propose",
    "record_officer",
    "rename",
    "rescind_for_operator",
    "save_officer",
    "send_link_again",
    "suspend",
    "suspend_one_user_id",
    "take_up",
    "write_rescinding",
]

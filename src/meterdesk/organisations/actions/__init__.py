"""Changes to organisations, their officers and what they share."""

from meterdesk.organisations.actions.officers import OfficerDetails, record_officer, save_officer
from meterdesk.organisations.actions.organisations import (
    bring_back,
    give_user_id,
    make_first_administrator,
    off_board,
    rename,
    suspend,
    suspend_one_user_id,
    take_up,
)

__all__ = [
    "OfficerDetails",
    "bring_back",
    "give_user_id",
    "make_first_administrator",
    "off_board",
    "record_officer",
    "rename",
    "save_officer",
    "suspend",
    "suspend_one_user_id",
    "take_up",
]

"""Writes of the inventory: every one of them takes its turn."""

from meterdesk.inventory.actions.applying import apply_products_list, carry_out_products_list
from meterdesk.inventory.actions.changing import Origin, change_statuses
from meterdesk.inventory.actions.connecting import connect_hubs
from meterdesk.inventory.actions.contacts import note_contacts
from meterdesk.inventory.actions.filters import (
    change_filter,
    note_export,
    remove_filter,
    save_filter,
)
from meterdesk.inventory.actions.prenotifying import (
    pre_notify,
    pre_notify_as,
    pre_notify_one,
)
from meterdesk.inventory.actions.replacing import replace_hub
from meterdesk.inventory.actions.telling import note_for_network_parties, tell_network_parties
from meterdesk.inventory.actions.turns import take_turns

__all__ = [
    "Origin",
    "apply_products_list",
    "carry_out_products_list",
    "change_filter",
    "change_statuses",
    "connect_hubs",
    "note_contacts",
    "note_export",
    "note_for_network_parties",
    "pre_notify",
    "pre_notify_as",
    "pre_notify_one",
    "remove_filter",
    "replace_hub",
    "save_filter",
    "take_turns",
    "tell_network_parties",
]

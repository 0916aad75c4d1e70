"""What is done about hubs: reading one's diagnostics, and asking a hub itself."""

from meterdesk.hubs.actions.asking import advance_request, ask_hub
from meterdesk.hubs.actions.reading import open_hub

__all__ = ["advance_request", "ask_hub", "open_hub"]

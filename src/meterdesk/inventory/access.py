"""Who sees the inventory: every User with the component, and the operator's staff.

By SEC Appendix AH the inventory is open (access "Full"), so the answer is all rows or none.
"""

from meterdesk.identity.rules import Actor

COMPONENT = "UC_Inventory"


def visible_to(actor: Actor) -> bool:
    """Whether this actor sees Devices at all; there is no limit by row (SSI-NFR-2)."""
    return actor.may_use(COMPONENT)

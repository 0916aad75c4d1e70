"""Whose messages an actor sees: one predicate for every read of the trail.

A User sees the messages of the UserIds for which a role of theirs gives the service audit trail,
own or granted (SSI-FR-6a, AUD-1); the operator's staff see all. Meter reads are open to everyone
with UC_MeterRead, whoever sent them (SSI-FR-10, 11). The user of another's grant sees what the
grant gives for as long as it is in force, since the actor is made afresh on each request.
"""

from dataclasses import dataclass
from typing import Any

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.identifiers import eui_to_int
from meterdesk.trail.rules.variants import METER_READ_VARIANTS, variant_code

SERVICE_AUDIT, METER_READ = "UC_ServiceAudit", "UC_MeterRead"

VISIBLE = (
    "trail_visible(m.party, m.srv, %(everything)s, %(parties)s::int8[], %(open_variants)s::int2[])"
)
"""The predicate in SQL over `trail_message m`; Sight.parameters fills it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What an actor sees: everything, or messages of these parties and of these variants."""

    everything: bool
    parties: tuple[int, ...]
    open_variants: tuple[int, ...]

    @property
    def is_blind(self) -> bool:
        """Whether nothing at all is seen."""
        return not (self.everything or self.parties or self.open_variants)

    @property
    def parameters(self) -> dict[str, Any]:
        """Values for VISIBLE."""
        return {
            "everything": self.everything,
            "parties": list(self.parties),
            "open_variants": list(self.open_variants),
        }


def visible_to(actor: Actor, *components: str) -> Sight:
    """What the actor sees through these components, by default both."""
    chosen = components or (SERVICE_AUDIT, METER_READ)
    audit, reads = SERVICE_AUDIT in chosen, METER_READ in chosen
    return Sight(
        everything=audit and actor.sees_everything(DeskPermission.NETWORK_DATA),
        parties=tuple(map(eui_to_int, sorted(actor.user_ids_for(SERVICE_AUDIT)))) if audit else (),
        open_variants=tuple(map(variant_code, METER_READ_VARIANTS))
        if reads and actor.may_use(METER_READ)
        else (),
    )

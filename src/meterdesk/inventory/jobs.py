"""Work by the clock: network companies are told of meters taken out of use (INV-5)."""

from django.utils import timezone

from meterdesk.inventory.actions import tell_network_parties
from meterdesk.platform import jobs


@jobs.periodic("inventory.tell_network_parties", cron="*/15 * * * *")
def tell() -> int:
    """Email the notices that wait. Returns how many meters they are about."""
    return tell_network_parties(at=timezone.now())

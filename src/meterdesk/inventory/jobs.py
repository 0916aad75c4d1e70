"""Work in the background: network companies are told (INV-5), products lists are applied."""

from datetime import datetime

from django.utils import timezone

from meterdesk.inventory.actions import carry_out_products_list, tell_network_parties
from meterdesk.platform import jobs


@jobs.periodic("inventory.tell_network_parties", cron="*/15 * * * *")
def tell() -> int:
    """Email the notices that wait. Returns how many meters they are about."""
    return tell_network_parties(at=timezone.now())


@jobs.job("inventory.apply_products_list")
def apply_products_list(version: str, person_id: int, at: str) -> int:
    """Suspend and restore the Devices that a version concerns. Returns how many changed."""
    asked_at, now = datetime.fromisoformat(at), timezone.now()
    return carry_out_products_list(version, person_id, at=asked_at, now=now)

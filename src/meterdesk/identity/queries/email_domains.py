"""Domains at which no company keeps its mail, and those an organisation has pinned (FSM-13)."""

from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from meterdesk.identity.models import AccountRules
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.mailboxes import parse_mailbox

_DATA: Final = Path(__file__).resolve().parents[1] / "data"
_LISTS: Final = ("free_mail_domains.txt", "disposable_domains.txt")


@cache
def _listed() -> frozenset[str]:
    lines = [line for name in _LISTS for line in (_DATA / name).read_text("utf-8").splitlines()]
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def refused_domains() -> frozenset[str]:
    """Free-mail and disposable domains: the lists of the data folder and those of the setting."""
    return _listed() | frozenset(settings.METERDESK_REFUSED_EMAIL_DOMAINS)


def pinned_domains(organisation_id: int) -> tuple[str, ...]:
    """The domains that an organisation's addresses must lie within; empty: any corporate one."""
    found = AccountRules.objects.filter(organisation_id=organisation_id)
    return tuple(found.values_list("email_domains", flat=True).first() or ())


def corporate_email(text: str, organisation_id: int, kept: str = "") -> str:
    """The address written so, in one spelling, if it is a corporate one (FSM-13).

    Args:
        kept: the address on the account now, which may stay although rules have come since.

    Raises Refused, field email.
    """
    if not text.strip():
        raise _refused("Enter an email address.")
    if text.strip() == kept:
        return kept
    try:
        mailbox = parse_mailbox(text)
    except Refused as refused:
        raise _refused(refused.message) from None
    if mailbox.is_within(refused_domains()):
        raise _refused(
            f"Enter an address at the organisation: {mailbox.domain} is open to everybody."
        )
    pinned = pinned_domains(organisation_id)
    if pinned and not mailbox.is_within(pinned):
        raise _refused(f"Enter an address at {_listing(pinned)}, as your organisation asks.")
    return str(mailbox)


def _listing(domains: tuple[str, ...]) -> str:
    return domains[0] if len(domains) == 1 else f"{', '.join(domains[:-1])} or {domains[-1]}"


def _refused(message: str) -> Refused:
    return Refused(message, code="bad_email", fields={"email": message})

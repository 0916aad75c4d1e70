"""Email addresses and domains: parsed, folded to one spelling, compared with lists of domains.

Plain mailboxes only (`name@example.org`): what RFC 5321 allows beyond them, quoted names and
addresses in brackets, no company hands out.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from meterdesk.kernel.errors import Refused

LONGEST_ADDRESS: Final = 254
LONGEST_LOCAL: Final = 64
LONGEST_DOMAIN: Final = 253
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address: `local` as it was written, `domain` in lower case and ASCII (A-labels)."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    def is_within(self, domains: Collection[str]) -> bool:
        """Whether its domain, or one that its domain lies under, is among these."""
        return any(one in domains for one in self._domain_and_above())

    def _domain_and_above(self) -> Iterator[str]:
        rest = self.domain
        while rest:
            yield rest
            _, _, rest = rest.partition(".")


def parse_mailbox(text: str) -> Mailbox:
    """The mailbox written so; spaces around it are forgiven.

    Raises Refused, code bad_email, for whatever is not a plain mailbox.
    """
    written = text.strip()
    local, at, domain = written.rpartition("@")
    if not at or len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        raise _bad_email()
    try:
        found = Mailbox(local, parse_domain(domain))
    except Refused:
        raise _bad_email() from None
    if len(str(found)) > LONGEST_ADDRESS:
        raise _bad_email()
    return found


def parse_domain(text: str) -> str:
    """The domain written so, in lower case and ASCII: `Bücher.example` is xn--bcher-kva.example.

    Letters of other widths and the dots of other scripts are folded; a dot at the end is dropped.
    Raises Refused, code bad_domain, for a single label, an address or what no domain can be.
    """
    folded = unicodedata.normalize("NFKC", text.strip()).casefold()
    for dot in "\u3002\uff0e\uff61":
        folded = folded.replace(dot, ".")
    try:
        domain = folded.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _bad_domain() from None
    labels = domain.split(".")
    if (
        len(domain) > LONGEST_DOMAIN
        or len(labels) < 2
        or labels[-1].isdecimal()
        or not all(_LABEL.fullmatch(label) for label in labels)
    ):
        raise _bad_domain()
    return domain


def _bad_email() -> Refused:
    return Refused("Enter an email address such as name@example.org.", code="bad_email")


def _bad_domain() -> Refused:
    return Refused("Enter a domain such as example.org, without @ and www.", code="bad_domain")

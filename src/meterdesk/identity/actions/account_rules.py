"""How an organisation keeps its accounts, decided by its administrators (FSM-13)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from meterdesk.identity.access import administers
from meterdesk.identity.models import AccountRules, Organisation
from meterdesk.identity.queries.email_domains import refused_domains
from meterdesk.identity.rules import Actor
from meterdesk.identity.rules.accounts import DOMAINS_MOST
from meterdesk.kernel.errors import NotAllowed, Refused, Stale
from meterdesk.kernel.mailboxes import Mailbox, parse_domain
from meterdesk.platform import activity


@transaction.atomic
def set_account_rules(
    actor: Actor,
    email_domains: Iterable[str],
    dormant_after_days: int,
    review_every_months: int,
    version: int | None,
    *,
    at: datetime,
) -> int:
    """Change the rules of the actor's organisation; returns their version.

    Args:
        email_domains: new addresses must lie within these; none pins none. Addresses there are
            already stay.
        dormant_after_days: 7 to 730.
        review_every_months: 1 to 24.

    Raises NotAllowed, Stale, Refused with fields.
    """
    if not administers(actor):
        raise NotAllowed()
    domains = _domains(email_domains)
    fields = {}
    if not 7 <= dormant_after_days <= 730:
        fields["dormant_after_days"] = "Enter 7 to 730 days."
    if not 1 <= review_every_months <= 24:
        fields["review_every_months"] = "Enter 1 to 24 months."
    if fields:
        raise Refused("Nothing was saved. Mend what is marked.", code="invalid", fields=fields)
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)
    kept = AccountRules.objects.filter(organisation_id=actor.organisation_id).first()
    rules = kept or AccountRules(organisation_id=actor.organisation_id, version=0)
    if version is not None and version != rules.version:
        raise Stale()
    before = _facts(rules)
    rules.email_domains = domains
    rules.dormant_after_days = dormant_after_days
    rules.review_every_months = review_every_months
    if before == _facts(rules):
        return rules.version
    rules.version += 1
    rules.save(force_insert=kept is None)
    activity.record(
        actor=actor,
        verb="identity.set_account_rules",
        subject=actor.organisation_name,
        at=at,
        detail={"before": before, "after": _facts(rules)},
    )
    return rules.version


def _facts(rules: AccountRules) -> dict[str, object]:
    names = ("email_domains", "dormant_after_days", "review_every_months")
    return {name: getattr(rules, name) for name in names}


def _domains(given: Iterable[str]) -> list[str]:
    found, wrong = [], ""
    for text in given:
        try:
            domain = parse_domain(text.strip().removeprefix("@"))
        except Refused:
            wrong = wrong or f"{text.strip()[:80]} is not a domain such as example.org."
            continue
        if Mailbox("", domain).is_within(refused_domains()):
            wrong = wrong or f"{domain} is open to everybody and cannot be an organisation's own."
        found.append(domain)
    if len(found) > DOMAINS_MOST:
        wrong = f"Enter at most {DOMAINS_MOST} domains."
    if wrong:
        raise Refused(wrong, code="invalid", fields={"email_domains": wrong})
    return sorted(set(found))

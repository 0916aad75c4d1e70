"""Failed log-ins, for the service desk and for the organisation's administrators."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from meterdesk.federation.access import failures_visible_to
from meterdesk.federation.models import FailedLogIn
from meterdesk.federation.rules import LOG_IN_REASONS, plain_reference, shown_reference
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.kernel.saml import Reason
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

_UNKNOWN = Reason("The log-in failed.", "")


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A line of the list."""

    reference: str
    at: datetime
    provider_name: str
    organisation_name: str
    happened: str

    @property
    def shown(self) -> str:
        """The reference as the person was given it."""
        return shown_reference(self.reference)


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """One failed log-in with its facts: what was found and what was expected."""

    reference: str
    at: datetime
    provider_name: str
    organisation_name: str
    reason: str
    happened: str
    remedy: str
    facts: str
    request_id: str
    address: str


def failed_log_ins(actor: Actor, page: PageRequest, text: str = "") -> Page[FailureRow]:
    """Failed log-ins that the actor may know of, newest first.

    Args:
        text: a reference, however spaced, or part of a provider's name; empty for all.
    """
    rows = FailedLogIn.objects.select_related("provider", "organisation").filter(
        failures_visible_to(actor)
    )
    if text.strip():
        rows = rows.filter(
            Q(reference=plain_reference(text)) | Q(provider__name__icontains=text.strip())
        )
    order = [Order("at", datetime, descending=True), Order("id", int, descending=True)]
    scope = f"failed-log-ins:{actor.person_id}:{text}"
    return page_of_rows(rows, scope, order, page, cap=COUNT_CAP).as_entries(_row)


def failed_log_in(actor: Actor, reference: str) -> FailureDetail:
    """One failed log-in by its reference. Raises NotVisible."""
    found = (
        FailedLogIn.objects.select_related("provider", "organisation")
        .filter(failures_visible_to(actor), reference=plain_reference(reference))
        .first()
    )
    if found is None:
        raise NotVisible()
    words = LOG_IN_REASONS.get(found.reason, _UNKNOWN)
    row = _row(found)
    return FailureDetail(
        reference=row.reference,
        at=row.at,
        provider_name=row.provider_name,
        organisation_name=row.organisation_name,
        reason=found.reason,
        happened=words.happened,
        remedy=words.remedy,
        facts=found.facts,
        request_id=found.request_id,
        address=found.address or "",
    )


def _row(found: FailedLogIn) -> FailureRow:
    return FailureRow(
        reference=found.reference,
        at=found.at,
        provider_name=found.provider.name if found.provider else "",
        organisation_name=found.organisation.name if found.organisation else "",
        happened=LOG_IN_REASONS.get(found.reason, _UNKNOWN).happened,
    )

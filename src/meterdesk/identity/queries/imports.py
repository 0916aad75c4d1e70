"""Files of new accounts, how far they are, and what became of each line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q

from meterdesk.identity.access import administers
from meterdesk.identity.models import AccountImport, AccountImportRow
from meterdesk.identity.rules import Actor
from meterdesk.identity.rules.accounts import ImportState, RowOutcome
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.pages import page_of_rows

_ORDER: Final = (Order("line", int),)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A line of the file (the first names the columns), with its outcome and reason."""

    line: int
    username: str
    outcome: RowOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A file of new accounts and how many of its lines have which outcome.

    Attributes:
        applied_at: None while nothing has been opened, or not everything.
    """

    id: int
    filename: str
    made_by: str
    created_at: datetime
    applied_at: datetime | None
    state: ImportState
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Lines in all."""
        return sum(self.counts.values())

    @property
    def new(self) -> int:
        """Lines that would open an account."""
        return self.counts.get(RowOutcome.NEW, 0)

    @property
    def created(self) -> int:
        """Lines that opened an account."""
        return self.counts.get(RowOutcome.CREATED, 0)

    @property
    def unchanged(self) -> int:
        """Lines whose account was there."""
        return self.counts.get(RowOutcome.UNCHANGED, 0)

    @property
    def refused(self) -> int:
        """Lines that cannot be taken."""
        return self.counts.get(RowOutcome.REFUSED, 0)

    @property
    def done(self) -> int:
        """Lines that need nothing more in the present state."""
        left = RowOutcome.NEW if self.state is ImportState.OPENING else RowOutcome.WAITING
        return self.total - self.counts.get(left, 0)


def visible_imports(actor: Actor) -> Q:
    """Imports of the organisation whose accounts the actor administers."""
    if administers(actor):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def account_import(actor: Actor, import_id: int) -> ImportReport:
    """One import. Raises NotVisible."""
    found = _reports(actor, Q(pk=import_id))
    if not found:
        raise NotVisible()
    return found[0]


def account_imports(actor: Actor) -> list[ImportReport]:
    """The newest imports, at most 20."""
    return _reports(actor, Q())


def import_rows(actor: Actor, import_id: int, outcome: str, page: PageRequest) -> Page[ImportRow]:
    """Lines of an import in their order; `outcome`: one of RowOutcome, or empty for all.

    Raises NotVisible.
    """
    if not AccountImport.objects.filter(visible_imports(actor), pk=import_id).exists():
        raise NotVisible()
    rows = AccountImportRow.objects.filter(account_import_id=import_id)
    if outcome in list(RowOutcome):
        rows = rows.filter(outcome=outcome)
    scope = f"account-import:{import_id}:{outcome}"
    return page_of_rows(rows, scope, _ORDER, page).as_entries(
        lambda row: ImportRow(row.line, row.username, RowOutcome(row.outcome), row.reason)
    )


def _reports(actor: Actor, which: Q) -> list[ImportReport]:
    visible = AccountImport.objects.filter(visible_imports(actor), which)
    found = list(
        visible.select_related("made_by").defer("content").order_by("-created_at", "-pk")[:20]
    )
    counts: dict[int, dict[str, int]] = {one.pk: {} for one in found}
    rows: Any = AccountImportRow.objects.filter(account_import_id__in=list(counts))
    for number, outcome, many in rows.values_list("account_import_id", "outcome").annotate(
        Count("pk")
    ):
        counts[number][outcome] = many
    return [
        ImportReport(
            id=one.pk,
            filename=one.filename,
            made_by=one.made_by.display_name,
            created_at=one.created_at,
            applied_at=one.applied_at,
            state=ImportState(one.state),
            counts=counts[one.pk],
        )
        for one in found
    ]

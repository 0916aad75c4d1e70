"""Files of new accounts, and what became of each row."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from meterdesk.identity.access import administers
from meterdesk.identity.models import AccountImport
from meterdesk.identity.rules import Actor
from meterdesk.identity.rules.accounts import RowOutcome
from meterdesk.kernel.errors import NotVisible


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of the file: its line (the first names the columns), outcome and reason."""

    line: int
    username: str
    outcome: RowOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A file of new accounts; `applied_at` is None while it has only been checked."""

    id: int
    filename: str
    made_by: str
    created_at: datetime
    applied_at: datetime | None
    rows: tuple[ImportRow, ...]

    def count(self, outcome: RowOutcome) -> int:
        """How many rows had this outcome."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def new(self) -> int:
        """Rows that would open an account."""
        return self.count(RowOutcome.NEW)

    @property
    def created(self) -> int:
        """Rows that opened an account."""
        return self.count(RowOutcome.CREATED)

    @property
    def unchanged(self) -> int:
        """Rows whose account was there."""
        return self.count(RowOutcome.UNCHANGED)

    @property
    def refused(self) -> int:
        """Rows that cannot be taken."""
        return self.count(RowOutcome.REFUSED)


def visible_imports(actor: Actor) -> Q:
    """Imports of the organisation whose accounts the actor administers."""
    if administers(actor):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def account_import(actor: Actor, import_id: int) -> ImportReport:
    """One import with its report. Raises NotVisible."""
    found = _visible(actor).filter(pk=import_id).first()
    if found is None:
        raise NotVisible()
    return _report(found)


def account_imports(actor: Actor) -> list[ImportReport]:
    """The newest imports, at most 20."""
    return [_report(one) for one in _visible(actor).order_by("-created_at", "-pk")[:20]]


def _visible(actor: Actor) -> QuerySet[AccountImport]:
    return AccountImport.objects.filter(visible_imports(actor)).select_related("made_by")


def _report(found: AccountImport) -> ImportReport:
    return ImportReport(
        id=found.pk,
        filename=found.filename,
        made_by=found.made_by.display_name,
        created_at=found.created_at,
        applied_at=found.applied_at,
        rows=tuple(
            ImportRow(row["line"], row["username"], RowOutcome(row["outcome"]), row["reason"])
            for row in found.report
        ),
    )

"""What administrators keep of accounts: rules, links, log-in days, imports, reviews."""

from django.db import models
from django.db.models import Q

from meterdesk.identity.models.people import Organisation, Person
from meterdesk.identity.rules.accounts import Decision, ImportState, LinkPurpose, RowOutcome


class AccountRules(models.Model):
    """How an organisation keeps its accounts; one without a row has the defaults.

    `email_domains`: addresses must lie within these domains; empty pins none (FSM-13).
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="account_rules"
    )
    email_domains = models.JSONField(default=list)
    dormant_after_days = models.PositiveSmallIntegerField(default=90)
    review_every_months = models.PositiveSmallIntegerField(default=6)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"account rules of {self.organisation_id}"


class AccountLink(models.Model):
    """A link sent by email: only its secret's SHA-256 is kept; used or replaced, it has ended."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="account_links")
    purpose = models.CharField(max_length=10, choices=[(one, one) for one in LinkPurpose])
    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "purpose", condition=Q(ended_at=None), name="account_link_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} link of {self.person_id}"


class LogInDay(models.Model):
    """How often a person logged in on a day of London's calendar (FSM-11)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="log_in_days")
    day = models.DateField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("person", "day", name="log_in_day_once")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.day}: {self.count}"


class AccountImport(models.Model):
    """A file of new accounts: checked first, then opened; `content` is kept until it is.

    `assertion` is that of the session of whoever has it checked or opened now, where an identity
    provider vouches for them, `token_id` the token they ask by: their rights while a job is at it.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="account_imports"
    )
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    applied_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    assertion = models.JSONField(null=True)
    token_id = models.BigIntegerField(null=True)
    filename = models.CharField(max_length=200)
    content = models.TextField()
    state = models.CharField(
        max_length=10,
        choices=[(one, one) for one in ImportState],
        default=ImportState.CHECKING,
        db_default=ImportState.CHECKED,
    )
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.filename} ({self.pk})"


class AccountImportRow(models.Model):
    """What becomes of a line of the file, and why; an unreadable one gives an excerpt as name."""

    account_import = models.ForeignKey(
        AccountImport, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    line = models.PositiveIntegerField()
    username = models.CharField(max_length=200)
    outcome = models.CharField(max_length=10, choices=[(one, one) for one in RowOutcome])
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("account_import", "line", name="import_line_once")]

    def __str__(self) -> str:
        return f"line {self.line} of {self.account_import_id}: {self.outcome}"


class AccountReview(models.Model):
    """A review of an organisation's accounts; `started_by` is null when the clock began it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="account_reviews"
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organisation", condition=Q(finished_at=None), name="account_review_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of {self.organisation_id}"


class ReviewDecision(models.Model):
    """One account in a review, with who decided what and when."""

    review = models.ForeignKey(AccountReview, on_delete=models.CASCADE, related_name="decisions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="review_decisions")
    decision = models.CharField(
        max_length=10, choices=[(one, one) for one in Decision], default=Decision.OPEN
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("review", "person", name="reviewed_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.review_id}: {self.decision}"

"""Networks that organisations may come from, with what became of each request (FSM-12)."""

from django.db import models
from django.db.models import Q

from meterdesk.identity.rules import NetworkKind, NetworkState
from meterdesk.platform.fields import NetworkField


class Network(models.Model):
    """A network of an organisation; its people and programs get in from the APPROVED ones alone.

    A gateway connection is one organisation's: the constraint gateways_apart of the migration keeps
    approved ones from overlapping. Times are aware UTC; `review_date` is a date in London by which
    the approval is looked at again.
    """

    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="networks", db_index=False
    )
    kind = models.TextField(choices=[(one.value, one.word) for one in NetworkKind])
    cidr = NetworkField()
    state = models.TextField(
        choices=[(one.value, one.word) for one in NetworkState], default=NetworkState.REQUESTED
    )
    grounds = models.TextField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    review_date = models.DateField(null=True)
    reminded_days = models.PositiveSmallIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=NetworkState.APPROVED) | Q(review_date__isnull=False),
                name="approved_network_is_reviewed",
            ),
            models.UniqueConstraint(
                "organisation",
                "kind",
                "cidr",
                condition=Q(state__in=[NetworkState.REQUESTED, NetworkState.APPROVED]),
                name="network_in_force_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state"], name="network_of_organisation"),
            models.Index(fields=["-requested_at", "-id"], name="network_newest"),
            models.Index(
                fields=["review_date"], condition=Q(state="APPROVED"), name="network_review"
            ),
        ]

    def __str__(self) -> str:
        return str(self.cidr)


class NetworkChange(models.Model):
    """One line of a network's history: who, from, to, why, at."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="changes")
    verb = models.TextField()
    from_state = models.TextField(blank=True)
    to_state = models.TextField()
    why = models.TextField()
    review_date = models.DateField(null=True)
    person = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.network_id}: {self.verb}"

"""Meter points and their registrations. Millions of rows: nothing here that a look-up can spare."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q

from meterdesk.platform.fields import EuiField
from meterdesk.registration.rules import MeterPointKind


class MeterPoint(models.Model):
    """An MPAN or MPRN with its address as registered."""

    mpxn = models.TextField()
    kind = models.TextField(choices=[(kind.value, kind.value) for kind in MeterPointKind])
    property = models.TextField(blank=True)
    street = models.TextField(blank=True)
    town = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    uprn = models.TextField(blank=True)
    premises_key = models.TextField(help_text="The same for every meter point of a premises.")

    class Meta:
        # Not unique=True: that adds a second index, for patterns, that nothing asks for.
        constraints = [models.UniqueConstraint(fields=["mpxn"], name="meterpoint_mpxn")]
        indexes = [
            models.Index(fields=["premises_key"], name="meterpoint_premises"),
            models.Index(fields=["postcode"], name="meterpoint_postcode"),
        ]

    def __str__(self) -> str:
        return self.mpxn


class Registration(models.Model):
    """Who is registered at a meter point from an instant to just before another."""

    pk = models.CompositePrimaryKey("meter_point_id", "active_from")
    meter_point = models.ForeignKey(
        MeterPoint, on_delete=models.CASCADE, related_name="registrations", db_index=False
    )
    supplier = EuiField()
    network_party = EuiField()
    agent = EuiField(null=True)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, help_text="Empty: without end.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gt=F("active_from")),
                name="registration_ends_after_it_begins",
            ),
            # A range of one number stands in for equality, which GiST lacks without btree_gist.
            ExclusionConstraint(
                name="registration_one_at_a_time",
                expressions=[
                    (
                        Func(
                            "meter_point_id",
                            "meter_point_id",
                            models.Value("[]"),
                            function="int8range",
                        ),
                        "&&",
                    ),
                    (Func("active_from", "active_to", function="tstzrange"), "&&"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter_point_id} from {self.active_from:%Y-%m-%d}"

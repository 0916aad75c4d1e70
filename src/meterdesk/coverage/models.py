"""Coverage as the CSPs give it, and whole loads of it that wait for their turn."""

from django.db import models

from meterdesk.coverage.rules.versions import VersionState


class CoverageFacts(models.Model):
    """What is said about a postcode, or about one premises of it that differs from the rest.

    Postcode and key are compared byte by byte, so that the primary key serves a premises, a
    postcode and an outcode alike, in order.
    """

    postcode = models.TextField(db_collation="C")
    property_key = models.TextField(db_collation="C", default="")
    property_name = models.TextField(default="")
    csp_region = models.TextField()
    coverage_available = models.BooleanField()
    anticipated_date = models.DateField(null=True)
    no_coverage_intended = models.BooleanField(default=False)
    likelihood = models.TextField(default="")
    wan_variant = models.TextField(default="")
    auxiliary_equipment = models.TextField(default="")
    exemption_category_2 = models.BooleanField(default=False)
    exemption_ends_date = models.DateField(null=True)
    known_issue = models.TextField(default="")
    likely_resolution = models.TextField(default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.postcode} {self.property_name}".strip()


class CoverageRow(CoverageFacts):
    """Coverage as it counts now."""

    pk = models.CompositePrimaryKey("postcode", "property_key")
    source_run = models.BigIntegerField(null=True, help_text="The intake run that wrote it last.")


class CoverageVersion(models.Model):
    """A load of the whole country: it replaces what counts in one step, or not at all."""

    name = models.TextField()
    run = models.BigIntegerField(null=True, help_text="The intake run in which it came.")
    state = models.TextField(
        choices=[(one.value, one.value) for one in VersionState], default=VersionState.LOADING
    )
    rows = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    switched_at = models.DateTimeField(null=True)
    switched_by = models.TextField(blank=True)
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    note = models.TextField(default="", db_default="", help_text="Why it does not count yet.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=VersionState.CURRENT),
                name="coverage_one_current",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=VersionState.SWITCHING),
                name="coverage_one_switching",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoadedRow(CoverageFacts):
    """A row of a version; those of the current and the one before stay, for comparison."""

    pk = models.CompositePrimaryKey("version_id", "postcode", "property_key")
    version = models.ForeignKey(
        CoverageVersion,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,  # millions of rows, written and emptied with their version
    )


class OutcodeDifference(models.Model):
    """How a version differs from what counted when it was read, within an outcode."""

    pk = models.CompositePrimaryKey("version_id", "outcode")
    version = models.ForeignKey(
        CoverageVersion, on_delete=models.CASCADE, related_name="differences", db_index=False
    )
    outcode = models.TextField(db_collation="C")
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    gained = models.PositiveIntegerField(help_text="Places that have coverage and had none.")
    lost = models.PositiveIntegerField(help_text="Places that had coverage and have none.")
    premises_gained = models.PositiveIntegerField()
    premises_lost = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.version_id} {self.outcode}"


class PostcodePlace(models.Model):
    """Where a postcode is, in metres of the British National Grid."""

    postcode = models.TextField(primary_key=True, db_collation="C")
    easting = models.PositiveIntegerField()
    northing = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.postcode


class OutcodePlace(models.Model):
    """The middle of an outcode: as a file said, else that of its postcodes."""

    outcode = models.TextField(primary_key=True, db_collation="C")
    easting = models.PositiveIntegerField()
    northing = models.PositiveIntegerField()
    is_stated = models.BooleanField()

    def __str__(self) -> str:
        return self.outcode


class OutcodeSummary(models.Model):
    """How many postcodes of an outcode say what: counted again with all that changes coverage."""

    outcode = models.TextField(primary_key=True, db_collation="C")
    high = models.PositiveIntegerField()
    medium = models.PositiveIntegerField()
    low = models.PositiveIntegerField()
    unsaid = models.PositiveIntegerField()
    without = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.outcode

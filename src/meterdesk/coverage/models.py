"""Coverage as the CSPs give it."""

from django.db import models


class CoverageRow(models.Model):
    """Coverage at a postcode, or at one premises of it that differs from the rest.

    Postcode and key are compared byte by byte, so that the primary key serves a premises, a
    postcode and an outcode alike, in order.
    """

    pk = models.CompositePrimaryKey("postcode", "property_key")
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

    def __str__(self) -> str:
        return f"{self.postcode} {self.property_name}".strip()

"""Devices, their status history and associations, and the products list.

Built for tens of millions of Devices: identifiers have partial indexes, history and associations
are keyed by what they are, and no row needs a sequence. An identifier that was not given is NULL,
so that the indexes hold only what can be found.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.portfolio import PortfolioList
from meterdesk.platform.fields import EuiField


def _identifier(length: int) -> "models.CharField[str | None, str | None]":
    return models.CharField(max_length=length, null=True, db_collation="C")


def _given(*fields: str) -> list[models.Index]:
    return [
        models.Index(
            fields=[field], condition=Q(**{f"{field}__isnull": False}), name=f"dev_{field}"
        )
        for field in fields
    ]


class Device(models.Model):
    """A Device enrolled, to be enrolled, or formerly enrolled (INV-1).

    `property` is the number or name, the first line of the address. `status` is empty for Type 2
    Devices. `updated_at` is when Meterdesk last learnt something new about it.
    """

    device_id = EuiField(primary_key=True)
    device_type = models.CharField(max_length=6, choices=[(t.value, t.label) for t in DeviceType])
    status = models.CharField(
        max_length=24, blank=True, choices=[(s.value, s.label) for s in DeviceStatus]
    )
    status_at = models.DateTimeField(null=True)
    manufacturer = models.CharField(max_length=30, blank=True)
    model = models.CharField(max_length=30, blank=True)
    firmware_version = models.CharField(max_length=8, blank=True)
    smets_chts_version = models.CharField(max_length=20, blank=True)
    gbcs_version = models.CharField(max_length=20, blank=True)
    esme_variant = models.CharField(max_length=4, blank=True)
    import_mpxn = _identifier(13)
    secondary_import_mpan = _identifier(13)
    export_mpan = _identifier(13)
    uprn = _identifier(12)
    postcode = _identifier(8)
    property = models.CharField(max_length=100, blank=True)
    csp_region = models.CharField(max_length=10, blank=True)
    wan_technology = models.CharField(max_length=30, blank=True)
    hub_variant = models.CharField(max_length=30, blank=True)
    s1sp = models.CharField(max_length=30, blank=True)
    connectivity = models.CharField(max_length=8, blank=True)
    commissioned_date = models.DateField(null=True)
    installed_date = models.DateField(null=True)
    placed_at = models.DateTimeField(
        null=True, help_text="Since when it stands where it does; empty: as long as is known."
    )
    updated_at = models.DateTimeField()
    source_run = models.BigIntegerField(null=True, help_text="The intake run that wrote it last.")
    source_line = models.BigIntegerField(null=True, help_text="Line, counted through that run.")

    class Meta:
        indexes: ClassVar = [
            *_given("import_mpxn", "secondary_import_mpan", "export_mpan", "uprn", "postcode"),
            models.Index(
                fields=["manufacturer", "model", "firmware_version", "status"], name="dev_model"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_type} {self.device_id}"


class DeviceStatusChange(models.Model):
    """A Device took on a status at an instant; nothing is ever taken out (INV-1).

    What it was before is the status of the row before it, so that a change learnt of late falls
    into its place. `user_id` is who asked for it under the Code, `person` who did so here;
    `run` and `line` are the intake run that told of it, and its line counted through the run.
    """

    pk = models.CompositePrimaryKey("device_id", "at", "status")
    device_id = EuiField()
    at = models.DateTimeField()
    status = models.CharField(max_length=24)
    reason = models.CharField(max_length=200, blank=True, db_default="", default="")
    user_id = EuiField(null=True)
    person_id = models.BigIntegerField(null=True)
    run = models.BigIntegerField(null=True)
    line = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.device_id} {self.status}"


class Placement(models.Model):
    """Where a Device stood until it was moved; where it stands now is in Device itself.

    One row a meter point, which is empty for a Device that had only a UPRN.
    """

    pk = models.CompositePrimaryKey("device_id", "to_at", "mpxn")
    device_id = EuiField()
    mpxn = models.CharField(max_length=13, blank=True, db_collation="C")
    uprn = models.CharField(max_length=12, blank=True, db_collation="C")
    from_at = models.DateTimeField(null=True, help_text="Empty: as long before as is known.")
    to_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=[name], condition=~Q(**{name: ""}), name=f"placement_{name}")
            for name in ("mpxn", "uprn")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(from_at=None) | Q(from_at__lt=models.F("to_at")),
                name="placement_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} at {self.mpxn or self.uprn} until {self.to_at:%Y-%m-%d}"


class FormerAssociation(models.Model):
    """Two Devices hung together until then; those that do now are in DeviceAssociation (INV-1).

    `until_at` is when a hub's Device log was restored on another, else when it was learnt; `run`
    and `line` tell of it as in DeviceStatusChange.
    """

    pk = models.CompositePrimaryKey("device_id", "associated_id", "until_at")
    device_id = EuiField()
    associated_id = EuiField()
    until_at = models.DateTimeField()
    run = models.BigIntegerField(null=True)
    line = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["associated_id", "device_id"], name="former_association_back")
        ]

    def __str__(self) -> str:
        return f"{self.device_id} with {self.associated_id} until {self.until_at:%Y-%m-%d}"


class NetworkNotice(models.Model):
    """A meter was withdrawn or decommissioned: what its network company is told (INV-5)."""

    network_party = EuiField()
    device_id = EuiField()
    mpxn = models.CharField(max_length=13)
    status = models.CharField(max_length=24)
    status_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device_id", "status", "status_at"], name="notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["network_party", "id"], name="notice_of_party"),
            models.Index(fields=["id"], condition=Q(told_at=None), name="notice_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.status} to {self.network_party}"


class DeviceContact(models.Model):
    """The last day, in Great Britain, on which a Device answered or raised an alert.

    Apart from Device, so that news of every day do not touch its indexes: only the day is
    written, in place.
    """

    device_id = EuiField(primary_key=True)
    last_date = models.DateField()

    def __str__(self) -> str:
        return f"{self.device_id} on {self.last_date}"


class DeviceAssociation(models.Model):
    """One Device's record names another, which need not be in the inventory yet.

    Read either way round: the record of either Device may have named the other.
    """

    pk = models.CompositePrimaryKey("device_id", "associated_id")
    device_id = EuiField()
    associated_id = EuiField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["associated_id", "device_id"], name="association_back")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(device_id=models.F("associated_id")),
                name="association_not_with_itself",
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} with {self.associated_id}"


class ProductEntry(models.Model):
    """An entry of one version of the products list; versions are kept side by side (INV-2)."""

    version = models.CharField(max_length=20)
    issued_date = models.DateField()
    entry_number = models.PositiveIntegerField()
    status = models.CharField(max_length=7)
    product_type = models.CharField(max_length=50)
    device_type = models.CharField(max_length=6)
    manufacturer = models.CharField(max_length=4)
    model_identifier = models.CharField(max_length=4)
    hardware_version = models.CharField(max_length=2)
    hardware_revision = models.CharField(max_length=2)
    model = models.CharField(max_length=8)
    firmware_version = models.CharField(max_length=8)
    smets_chts_version = models.CharField(max_length=20)
    gbcs_version = models.CharField(max_length=20)
    image_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "entry_number"], name="product_entry_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["manufacturer", "model", "firmware_version"], name="product_model")
        ]

    def __str__(self) -> str:
        return f"{self.version} entry {self.entry_number}"


class SavedFilter(models.Model):
    """Filters of a list of the portfolio that a person keeps by name."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    of_list = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in PortfolioList],
        default=PortfolioList.DEVICES,
        db_default=PortfolioList.DEVICES.value,
    )
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1_000)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "of_list", "name"], name="saved_filter_of_list"
            )
        ]

    def __str__(self) -> str:
        return self.name

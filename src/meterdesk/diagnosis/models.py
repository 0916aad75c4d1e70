"""Diagnoses as they were made, so that an incident can carry one."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from meterdesk.platform.fields import EuiField


class StoredDiagnosis(models.Model):
    """The outcome of a diagnosis, as its maker's rights let it be at that instant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    user_ids = ArrayField(models.TextField(), default=list)
    mpxn = models.TextField(default="")
    device_id = EuiField(null=True)
    at = models.DateTimeField()
    outcome = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="diagnosis_by_person")]

    def __str__(self) -> str:
        return f"{self.mpxn or self.device_id} at {self.at:%Y-%m-%d %H:%M}"

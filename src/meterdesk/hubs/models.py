"""Communications Hubs as the CSPs report them."""

from django.db import models

from meterdesk.platform.fields import EuiField


class HubRecord(models.Model):
    """The newest data of one hub; older data never replaces it (SSI-FR-17)."""

    device_id = EuiField(primary_key=True)
    aerial_installed = models.BooleanField(null=True)
    aerial_type = models.TextField(default="")
    birth_event_at = models.DateTimeField(null=True)
    network_status = models.TextField(default="")
    deactivated_at = models.DateTimeField(null=True)
    wan_connectivity = models.TextField(default="")
    han_status = models.TextField(default="")
    last_connection_at = models.DateTimeField(null=True)
    last_tamper_at = models.DateTimeField(null=True)
    last_outage_at = models.DateTimeField(null=True)
    last_restore_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.device_id)

"""Devices by model: for the portfolio's filters and for what a products list would do.

Built beside the writers, since an inventory holds tens of millions of Devices.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inventory", "0003_saved_filters")]

    operations = [
        AddIndexConcurrently(
            model_name="device",
            index=models.Index(
                fields=["manufacturer", "model", "firmware_version", "status"], name="dev_model"
            ),
        ),
    ]

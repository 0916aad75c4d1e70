"""Registrations by party: for lists of a party's own. Built beside the writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0003_providers")]

    operations = [
        AddIndexConcurrently(
            model_name="registration",
            index=models.Index(fields=["supplier"], name="registration_supplier"),
        ),
        AddIndexConcurrently(
            model_name="registration",
            index=models.Index(fields=["network_party"], name="registration_network_party"),
        ),
        AddIndexConcurrently(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("agent__isnull", False)),
                fields=["agent"],
                name="registration_agent",
            ),
        ),
    ]

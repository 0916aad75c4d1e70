"""The runs under way, looked for by every run that begins. Built beside the writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("platform", "0011_inbox_tries")]
    operations = [
        AddIndexConcurrently(
            "intakerun",
            models.Index(
                fields=["kind"], condition=models.Q(state="RUNNING"), name="intake_run_under_way"
            ),
        ),
    ]

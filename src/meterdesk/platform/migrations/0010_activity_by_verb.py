"""The activity log by verb, for its filters. Built beside the writers: every action writes here."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("platform", "0009_feed_alarms")]
    operations = [
        AddIndexConcurrently(
            "activityentry",
            models.Index(fields=["verb", "-at", "-id"], name="activity_of_verb"),
        ),
        AddIndexConcurrently(
            "activityentry",
            models.Index(
                fields=["organisation_id", "verb", "-at", "-id"], name="activity_of_verb_of"
            ),
        ),
    ]

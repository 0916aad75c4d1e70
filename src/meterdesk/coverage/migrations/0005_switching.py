"""A version is switched in by a job: how far it is, and why it did not come to its end."""

from django.db import migrations, models

from meterdesk.coverage.rules.versions import VersionState


class Migration(migrations.Migration):
    dependencies = [("coverage", "0004_sources")]

    operations = [
        migrations.AddField(
            "coverageversion", "step", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            "coverageversion",
            "note",
            models.TextField(db_default="", default="", help_text="Why it does not count yet."),
        ),
        migrations.AlterField(
            "coverageversion",
            "state",
            models.TextField(
                choices=[(one.value, one.value) for one in VersionState],
                default=VersionState.LOADING,
            ),
        ),
        migrations.AddConstraint(
            "coverageversion",
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=VersionState.SWITCHING),
                name="coverage_one_switching",
            ),
        ),
    ]

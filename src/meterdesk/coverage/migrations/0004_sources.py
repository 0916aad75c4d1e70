"""Which intake run told of a place's coverage."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coverage", "0003_places")]

    operations = [
        migrations.AddField(
            "coveragerow",
            "source_run",
            models.BigIntegerField(help_text="The intake run that wrote it last.", null=True),
        ),
        migrations.AddField(
            "coverageversion",
            "run",
            models.BigIntegerField(help_text="The intake run in which it came.", null=True),
        ),
    ]

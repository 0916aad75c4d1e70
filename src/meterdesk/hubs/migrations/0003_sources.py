"""Which intake run, and line of it, told of a hub."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hubs", "0002_requests")]

    operations = [
        migrations.AddField(
            "hubrecord",
            "source_run",
            models.BigIntegerField(help_text="The intake run that wrote it last.", null=True),
        ),
        migrations.AddField(
            "hubrecord",
            "source_line",
            models.BigIntegerField(help_text="Line, counted through that run.", null=True),
        ),
    ]

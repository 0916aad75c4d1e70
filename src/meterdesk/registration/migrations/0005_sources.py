"""Which intake run, and line of it, told of a registration."""

from django.db import migrations, models


def _number(text: str) -> models.BigIntegerField:
    return models.BigIntegerField(help_text=text, null=True)


class Migration(migrations.Migration):
    dependencies = [("registration", "0004_registrations_by_party")]

    operations = [
        migrations.AddField(
            "registration", "source_run", _number("The intake run that told of it.")
        ),
        migrations.AddField(
            "registration", "source_line", _number("Line, counted through that run.")
        ),
        migrations.AddField("providerfile", "run", _number("The intake run in which it came.")),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """Feeds that are late, so that each is told once."""

    dependencies = [("platform", "0008_activity_search")]

    operations = [
        migrations.CreateModel(
            name="FeedAlarm",
            fields=[
                ("kind", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """How often each file of the inbox was begun, so that none is begun forever."""

    dependencies = [("platform", "0010_activity_by_verb")]

    operations = [
        migrations.CreateModel(
            name="InboxTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint("kind", "name", name="inbox_try_once")]
            },
        ),
    ]

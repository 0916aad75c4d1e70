from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep the columns and the page size that people choose for tables."""

    dependencies = [("platform", "0005_idempotency_headers")]

    operations = [
        migrations.CreateModel(
            "TableChoice",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("table", models.TextField()),
                ("hidden", models.JSONField(default=list)),
                ("page_size", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("person_id", "table", name="table_choice_once")
                ]
            },
        ),
    ]

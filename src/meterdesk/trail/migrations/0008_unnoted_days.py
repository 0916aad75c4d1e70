"""The model of days not yet noted; the table is there unless 0006 ran in its earlier form."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0007_volumes_rolled_up")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="UnnotedDay",
                    fields=[("day", models.DateField(primary_key=True, serialize=False))],
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    "create table if not exists trail_unnotedday (day date primary key)",
                    migrations.RunSQL.noop,
                )
            ],
        )
    ]

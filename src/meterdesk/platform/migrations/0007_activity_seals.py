from django.db import migrations, models

# Written by the database itself: nobody who adds an entry can choose it.
TRANSACTION_NUMBER = """
alter table platform_activityentry add column transaction_number bigint not null
    default (pg_current_xact_id()::text::bigint);
create index activity_by_transaction on platform_activityentry (transaction_number, id);
"""


class Migration(migrations.Migration):
    """Seals of the activity log, and the transaction that wrote each of its entries."""

    dependencies = [("platform", "0006_table_choices")]

    operations = [
        migrations.RunSQL(
            TRANSACTION_NUMBER,
            "alter table platform_activityentry drop column transaction_number",
        ),
        migrations.CreateModel(
            name="ActivitySeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("upto_transaction", models.BigIntegerField()),
                ("entries", models.PositiveIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]

"""Which Devices hung together once. Nothing is known of those parted before."""

from django.db import migrations, models

import meterdesk.platform.fields


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_last_contact")]
    operations = [
        migrations.CreateModel(
            name="FormerAssociation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "device_id",
                        "associated_id",
                        "until_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("device_id", meterdesk.platform.fields.EuiField()),
                ("associated_id", meterdesk.platform.fields.EuiField()),
                ("until_at", models.DateTimeField()),
                ("run", models.BigIntegerField(null=True)),
                ("line", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["associated_id", "device_id"], name="former_association_back"
                    )
                ],
            },
        ),
    ]

"""When Devices were last heard of, and kept filters of the list of meter points."""

from django.db import migrations, models

import meterdesk.platform.fields


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_devices_by_model")]

    operations = [
        migrations.CreateModel(
            name="DeviceContact",
            fields=[
                (
                    "device_id",
                    meterdesk.platform.fields.EuiField(primary_key=True, serialize=False),
                ),
                ("last_date", models.DateField()),
            ],
        ),
        # Room on each page for the new day, so that it is written without touching the index.
        migrations.RunSQL(
            "alter table inventory_devicecontact set (fillfactor = 70)", migrations.RunSQL.noop
        ),
        migrations.AddField(
            model_name="savedfilter",
            name="of_list",
            field=models.CharField(
                choices=[("devices", "devices"), ("points", "points")],
                db_default="devices",
                default="devices",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="savedfilter",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.RemoveConstraint(model_name="savedfilter", name="saved_filter_name"),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(
                fields=("person", "of_list", "name"), name="saved_filter_of_list"
            ),
        ),
    ]

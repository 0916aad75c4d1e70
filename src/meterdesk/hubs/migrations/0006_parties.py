"""Who was registered at a hub when it was asked: whom the request may be shown to later."""

import django.contrib.postgres.fields
from django.db import migrations

import meterdesk.platform.fields


class Migration(migrations.Migration):
    dependencies = [("hubs", "0005_token")]

    operations = [
        migrations.AddField(
            "hubrequest",
            "parties",
            django.contrib.postgres.fields.ArrayField(
                base_field=meterdesk.platform.fields.EuiField(), null=True, size=None
            ),
        )
    ]

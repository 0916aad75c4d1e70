"""The assertion of the session in which accounts are imported, for the rights of its job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0012_people_in_order")]

    operations = [migrations.AddField("accountimport", "assertion", models.JSONField(null=True))]

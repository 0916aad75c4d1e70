"""The assertion of the session in which a hub was asked, for the asker's rights at each step."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hubs", "0003_sources")]

    operations = [migrations.AddField("hubrequest", "assertion", models.JSONField(null=True))]

import csv
from pathlib import Path

from django.db import migrations

MATRIX = Path(__file__).resolve().parents[1] / "data" / "access_matrix.csv"


def load(apps, _schema_editor):
    component = apps.get_model("identity", "FunctionalComponent")
    with MATRIX.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            component.objects.update_or_create(
                id=row["component"],
                defaults={
                    "domain": row["domain"],
                    "name": row["name"],
                    "access": row["access"],
                    "job_type_roles": row["job_type_roles"].split("; "),
                },
            )


class Migration(migrations.Migration):
    """The access matrix, as data (SSI-NFR-23 to 27)."""

    dependencies = [("identity", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]

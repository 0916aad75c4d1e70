"""The five categories with provisional targets, and the policy's provisional limits (IM-4).

The times are those remembered of the Incident Management Policy; the operator confirms them.
"""

from typing import Any

from django.db import migrations

# category, meaning, response, resolution, calendar
CATEGORIES = (
    (
        1,
        "Prevents a large group from using live services, or has a critical effect on activities, "
        "finance or data",
        (10, "MINUTES"),
        (4 * 60, "MINUTES"),
        "ROUND_THE_CLOCK",
    ),
    (
        2,
        "An effect on activities that is not critical: live services can be used at reduced "
        "capacity, or a loss of data that is not material",
        (20, "MINUTES"),
        (24 * 60, "MINUTES"),
        "ROUND_THE_CLOCK",
    ),
    (
        3,
        "A moderate effect, or one that a work-around makes moderate",
        (45, "MINUTES"),
        (72 * 60, "MINUTES"),
        "ROUND_THE_CLOCK",
    ),
    (
        4,
        "A minor adverse effect",
        (3 * 60, "MINUTES"),
        (5, "WORKING_DAYS"),
        "WORKING_WEEK",
    ),
    (
        5,
        "A minimal effect: little or none on activities",
        (1, "WORKING_DAYS"),
        (10, "WORKING_DAYS"),
        "WORKING_WEEK",
    ),
)


def add_categories(apps: Any, _schema_editor: Any) -> None:
    """Add the rows; those that are there stay as they are."""
    target = apps.get_model("incidents", "CategoryTarget")
    for number, meaning, response, resolution, calendar in CATEGORIES:
        target.objects.get_or_create(
            category=number,
            defaults={
                "meaning": meaning,
                "response_number": response[0],
                "response_unit": response[1],
                "resolution_number": resolution[0],
                "resolution_unit": resolution[1],
                "calendar": calendar,
                "provisional": True,
            },
        )
    apps.get_model("incidents", "Policy").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [migrations.RunPython(add_categories, migrations.RunPython.noop)]

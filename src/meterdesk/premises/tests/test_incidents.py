"""Open incidents on the premises page: there for those who may know of them, within the count."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meterdesk.identity.tests.factories import log_in
from meterdesk.incidents.tests.scene import MPAN, set_scene
from meterdesk.premises.queries import premises_page

pytestmark = pytest.mark.django_db


@pytest.mark.req("SSI-FR-33", "IM-24")
def test_an_open_incident_stands_on_the_page_of_those_who_may_know_of_it(
    client: Client, tmp_path: Path
) -> None:
    scene = set_scene(tmp_path)
    reference = scene.raise_one()
    for name in ("raiser", "responsible", "interested", "agent"):
        log_in(client, scene.people[name])
        page = client.get(f"/premises/{MPAN}/").content.decode()
        assert f"Incident {reference} raised" in page, name
        assert f'href="/incidents/{reference}/"' in page, name
    for name in ("stranger", "colleague"):
        log_in(client, scene.people[name])
        page = client.get(f"/premises/{MPAN}/").content.decode()
        assert "None that you may see." in page, name
        assert reference not in page, name


@pytest.mark.req("SSI-FR-33")
def test_incidents_do_not_take_the_page_over_twelve_queries(tmp_path: Path) -> None:
    scene = set_scene(tmp_path)
    for _ in range(3):
        scene.raise_one()
    for name in ("raiser", "agent"):
        actor = scene.actor(name)
        with CaptureQueriesContext(connection) as queries:
            page = premises_page(actor, MPAN, datetime.now(UTC))
        assert len(page.incidents or ()) == 3
        assert len(queries) <= 12, [one["sql"][:100] for one in queries.captured_queries]

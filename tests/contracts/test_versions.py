"""If-Match: nobody changes an incident that they have not read as it stands."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meterdesk.identity.tests.factories import bearer
from meterdesk.incidents.tests.scene import set_scene


@pytest.mark.django_db
def test_a_change_of_what_has_changed_meanwhile_is_refused(client: Client, tmp_path: Path) -> None:
    scene = set_scene(tmp_path)
    reference = scene.raise_one()
    agent, path = bearer(scene.people["agent"]), f"/api/v1/incidents/{reference}"
    read = client.get(path, **agent)
    assert read["ETag"] == f'"v{read.json()["version"]}"'
    assert client.get(path, **agent, HTTP_IF_NONE_MATCH=read["ETag"]).status_code == 304

    def step(verb: str, tag: str, **more: str):
        return client.post(
            f"{path}/transitions",
            {"verb": verb, **more},
            content_type="application/json",
            HTTP_IF_MATCH=tag,
            **agent,
        )

    done = step("respond", read["ETag"])
    assert done.status_code == 201
    assert done["ETag"] == f'"v{done.json()["version"]}"' != read["ETag"]
    stale = step("hold", read["ETag"], why="When?")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    file = {"type": "ALL", "file": SimpleUploadedFile("a.txt", b"text")}
    attached = client.post(f"{path}/attachments", file, HTTP_IF_MATCH=read["ETag"], **agent)
    assert attached.status_code == 412
    update = {"type": "ALL", "text": "Hello"}
    for tag, status in ((read["ETag"], 412), ("v1", 400), (done["ETag"], 201)):
        answer = client.post(
            f"{path}/updates", update, content_type="application/json", HTTP_IF_MATCH=tag, **agent
        )
        assert answer.status_code == status
    assert client.get(path, **agent).json()["state"] == done.json()["state"]

"""A recipient's classes and languages over the API."""

from __future__ import annotations

import pytest
from cast import DENVER

SIGN_UP = {"lon": DENVER[0], "lat": DENVER[1], "consent": "Tell me about missing children.", "inbox": True}
ALL = {"classes": ["abduction", "endangered"], "languages": ["en"]}


@pytest.fixture
def mine(client):
    told = client.post("/v1/recipients", json=SIGN_UP).json()
    return f"/v1/recipients/{told['id']}", {"Authorization": f"Bearer {told['id']}.{told['token']}"}


def test_they_are_set_and_read(client, mine):
    path, headers = mine
    assert client.get(f"{path}/settings", headers=headers).json() == ALL
    assert client.put(f"{path}/classes", json={"classes": ["abduction"]}, headers=headers).status_code == 204
    assert client.put(f"{path}/languages", json={"languages": ["es", "EN-us"]}, headers=headers).status_code == 204
    told = client.get(f"{path}/settings", headers=headers).json()
    assert told == {"classes": ["abduction"], "languages": ["es", "en-US"]}


@pytest.mark.parametrize(
    ("what", "asked", "paths"),
    [
        ("classes", [], ["/classes"]),
        ("languages", [], ["/languages"]),
        ("languages", ["xx", "en", "q"], ["/languages/0", "/languages/2"]),
        ("languages", ["en", "es", "fr", "de"], ["/languages"]),
    ],
)
def test_every_fault_is_named_and_nothing_changes(client, mine, what, asked, paths):
    path, headers = mine
    answer = client.put(f"{path}/{what}", json={what: asked}, headers=headers)
    assert (answer.status_code, [one["path"] for one in answer.json()["problems"]]) == (422, paths)
    assert client.get(f"{path}/settings", headers=headers).json() == ALL


def test_nobody_reads_or_changes_another_persons(client, mine):
    path, _ = mine
    other = client.post("/v1/recipients", json=SIGN_UP).json()
    theirs = {"Authorization": f"Bearer {other['id']}.{other['token']}"}
    assert client.get(f"{path}/settings", headers=theirs).status_code == 403
    assert client.put(f"{path}/classes", json={"classes": ["abduction"]}, headers=theirs).status_code == 403
    assert client.put(f"{path}/languages", json={"languages": ["es"]}, headers=theirs).status_code == 403

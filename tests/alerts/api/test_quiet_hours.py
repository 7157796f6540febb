"""A recipient's quiet hours over the API."""

from __future__ import annotations

import pytest
from cast import DENVER

SIGN_UP = {"lon": DENVER[0], "lat": DENVER[1], "consent": "Tell me about missing children.", "inbox": True}
NIGHT = {"starts": "22:00", "ends": "07:00", "zone": "America/Denver"}
NONE = {"starts": None, "ends": None, "zone": None}


@pytest.fixture
def mine(client):
    told = client.post("/v1/recipients", json=SIGN_UP).json()
    return f"/v1/recipients/{told['id']}/quiet-hours", {"Authorization": f"Bearer {told['id']}.{told['token']}"}


def test_they_are_set_read_and_given_up(client, mine):
    path, headers = mine
    assert client.get(path, headers=headers).json() == NONE
    assert client.put(path, json=NIGHT, headers=headers).status_code == 204
    assert client.get(path, headers=headers).json() == NIGHT
    assert client.delete(path, headers=headers).status_code == 204
    assert client.get(path, headers=headers).json() == NONE


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"starts": "24:00"}, ["/starts"]),
        ({"ends": "22:00"}, ["/ends"]),
        ({"zone": "Mars/Base"}, ["/zone"]),
        ({"starts": "7", "ends": "", "zone": ""}, ["/ends", "/starts", "/zone"]),
    ],
)
def test_every_fault_is_named_and_nothing_changes(client, mine, change, paths):
    path, headers = mine
    answer = client.put(path, json=NIGHT | change, headers=headers)
    assert (answer.status_code, sorted(one["path"] for one in answer.json()["problems"])) == (422, paths)
    assert client.get(path, headers=headers).json() == NONE


def test_nobody_reads_or_changes_another_persons(client, mine):
    path, _ = mine
    other = client.post("/v1/recipients", json=SIGN_UP).json()
    theirs = {"Authorization": f"Bearer {other['id']}.{other['token']}"}
    assert client.put(path, json=NIGHT, headers=theirs).status_code == 403
    assert client.get(path, headers=theirs).status_code == 403

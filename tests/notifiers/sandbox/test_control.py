import pytest

JSON = {"Content-Type": "application/json"}


async def test_counts_tell_what_came(client, push):
    for token in ("t1", "t2", "t2"):
        await push(token)
    told = (await client.get("/control/counts")).json()
    notice = told["web_push"]["notices"][0]
    assert (told["web_push"]["received"], told["web_push"]["answered"]) == (3, {"201": 3})
    assert (notice["incident"], notice["version"], notice["kind"]) == ("incident", 1, "alert")
    assert (notice["subscriptions"], notice["duplicates"]) == (2, 1)
    assert notice["first_at"] <= notice["last_at"]
    assert told["email"]["received"] == 0


async def test_received_tells_who_got_it_how_often(client, push):
    for token in ("t1", "t2", "t2"):
        await push(token)
    told = (await client.get("/control/received")).json()
    assert [notice["counts"] for notice in told] == [{"t1": 1, "t2": 2}]


@pytest.mark.parametrize(
    ("query", "found"), [("version=1&kind=alert", 1), ("version=2", 0), ("channel=email", 0), ("incident=incident", 1)]
)
async def test_received_can_be_asked_for_one_notice(client, push, query, found):
    await push()
    assert len((await client.get(f"/control/received?{query}")).json()) == found


async def test_recent_shows_the_message_as_the_browser_read_it(client, push):
    await push("t9")
    told = (await client.get("/control/recent")).json()[0]
    assert (told["to"], told["ttl"], told["message"]["tag"]) == ("t9", "60", "incident")


async def test_faults_are_told_and_taken_back(client, push):
    told = await client.post("/control/faults", json={"faults": [{"kind": "status", "status": 410, "only": ["t1"]}]})
    assert told.json()["faults"][0]["status"] == 410
    assert [(await push(token)).status_code for token in ("t1", "t2")] == [410, 201]
    await client.post("/control/faults", json={"faults": []})
    assert (await push("t1")).status_code == 201


async def test_reset_forgets_counts_and_faults(client, push):
    await client.post("/control/faults", json={"faults": [{"kind": "status", "times": 1}]})
    await push()
    await client.post("/control/reset", json={})
    assert (await client.get("/control/counts")).json()["web_push"]["answered"] == {}
    assert (await push()).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b'{"faults": [{"kind": "explode"}]}', b"\xff"])
async def test_faults_that_cannot_be_followed_are_explained(client, body):
    answer = await client.post("/control/faults", headers=JSON, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_form_of_a_web_page_changes_nothing(client):
    assert (await client.post("/control/reset", data={"a": "b"})).status_code == 415


async def test_what_is_not_there_is_not_found(client):
    assert (await client.get("/control/secrets")).status_code == 404
    assert (await client.get("/control/faults")).status_code == 404

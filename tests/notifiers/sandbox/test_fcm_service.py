import pytest

from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import Fault

KEY = NoticeKey("fcm", "incident", 1, "alert")
SEND = "/fcm/v1/projects/p/messages:send"
MESSAGE = {
    "token": "device-1",
    "data": {"tag": "incident", "version": "1", "kind": "alert"},
    "android": {"ttl": "60s"},
}


@pytest.fixture
async def bearer(client):
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}
    told = (await client.post("/fcm/token", data=form)).json()
    return {"Authorization": f"Bearer {told['access_token']}"}


async def test_a_right_message_is_taken_and_counted(sandbox, client, bearer):
    answer = await client.post(SEND, json={"message": MESSAGE}, headers=bearer)
    assert (answer.status_code, "name" in answer.json()) == (200, True)
    assert sandbox.counts.notices[KEY].by_subscription == {"device-1": 1}


@pytest.mark.parametrize(
    "change",
    [{"token": ""}, {"data": {"tag": "incident", "version": 1, "kind": "alert"}}, {"data": None}, {"android": {}}],
)
async def test_what_google_refuses_is_refused_in_its_words(sandbox, client, bearer, change):
    answer = await client.post(SEND, json={"message": MESSAGE | change}, headers=bearer)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["errorCode"] == "INVALID_ARGUMENT"
    assert sandbox.counts.notices == {}


async def test_without_an_access_token_nothing_is_taken(sandbox, client):
    answer = await client.post(SEND, json={"message": MESSAGE})
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert sandbox.counts.answered["fcm"] == {"401": 1}


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"assertion": "a.b.c"}])
async def test_only_an_assertion_gets_an_access_token(client, form):
    assert (await client.post("/fcm/token", data=form)).status_code == 400


async def test_a_fault_answers_as_google_would(sandbox, client, bearer):
    sandbox.faults.replace([Fault("status", channel="fcm", only=("device-1",), status=404)])
    answer = await client.post(SEND, json={"message": MESSAGE}, headers=bearer)
    assert answer.json()["error"]["details"][0]["errorCode"] == "UNREGISTERED"
    other = await client.post(SEND, json={"message": MESSAGE | {"token": "device-2"}}, headers=bearer)
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/fcm/", "/fcm/v1/projects/p/messages", "/fcm/v1/projects/../messages:send"])
async def test_nothing_else_is_there(client, path):
    assert (await client.post(path)).status_code == 404

import json
import time

import pytest

from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import Fault

EVENT = {"type": "alert.cancelled", "data": {"incident": "incident", "version": 1}}


@pytest.fixture
def post(client):
    async def post_event(event=EVENT, **headers):
        right = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(time.time())),
            "webhook-signature": "v1," + "A" * 43 + "=",
        }
        return await client.post("/hook/partner", content=json.dumps(event), headers=right | headers)

    return post_event


async def test_a_signed_event_is_taken_and_counted(sandbox, post):
    assert (await post()).status_code == 200
    got = sandbox.counts.notices[NoticeKey("webhook", "incident", 1, "cancel")]
    assert got.by_subscription == {"partner": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-id": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1700000000"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
    ],
)
async def test_an_event_that_is_not_signed_or_stale_is_refused(sandbox, post, headers):
    assert (await post(**headers)).status_code == 401
    assert sandbox.counts.notices == {}


@pytest.mark.parametrize("event", [[], {"type": "x"}, {**EVENT, "type": "alert.sold"}, {**EVENT, "data": {}}])
async def test_an_event_that_is_none_is_counted_apart(sandbox, post, event):
    assert (await post(event)).status_code == 400
    assert sandbox.counts.unreadable["webhook"] == 1


async def test_a_slow_receiver_takes_the_event_once(sandbox, post):
    sandbox.faults.replace([Fault("slow", channel="webhook", seconds=0.01)])
    assert (await post()).status_code == 200
    assert sandbox.counts.answered["webhook"] == {"200": 1}

"""Who is told and when: who comes into the area is; whose push service says "later" is, later; who is gone is not.

One server for all of them, each with its own place and people.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from cast import FAR_AWAY
from server import until

pytestmark = pytest.mark.xdist_group("town")

PAUSE_S = 1


def move(server, who, key, place) -> int:
    body = {"lon": place[0], "lat": place[1]}
    return server.put(f"/v1/recipients/{who.public_id}/location", key, body).status_code


def test_who_comes_into_the_area_while_it_is_active_is_told_once(town):
    server, inside, (comer, stays) = town.server, town.people["Lamar"], town.travellers[:2]
    alert = town.alert("Lamar")
    server.until_settled(alert)
    assert server.received(alert) == {one.push: 1 for one in inside}
    assert move(server, comer, stays.key, town.places["Lamar"]) == 403
    assert move(server, comer, "", town.places["Lamar"]) == 401
    for place in (town.places["Lamar"], FAR_AWAY, town.places["Lamar"]):
        assert move(server, comer, comer.key, place) == 204
    until(lambda: server.inboxes(alert, [comer]) and server.received(alert)[comer.push])
    done = server.until_settled(alert)
    assert done["total"]["planned"] == done["total"]["sent"] == len(inside) + 2
    assert server.received(alert) == {one.push: 1 for one in [*inside, comer]}
    assert server.inboxes(alert, [comer, stays]) == {comer.public_id: 1}


def test_who_came_in_time_is_told_that_it_is_over_and_who_comes_late_is_told_nothing(town):
    server, (early, late) = town.server, town.travellers[2:]
    alert = town.alert("Craig")
    server.until_settled(alert)
    assert move(server, early, early.key, town.places["Craig"]) == 204
    until(lambda: server.received(alert)[early.push])
    server.until_settled(alert)
    server.cancel(alert)
    assert move(server, late, late.key, town.places["Craig"]) == 204
    assert server.until_settled(alert, "cancel")["total"]["sent"] == len(town.people["Craig"]) + 2
    assert server.received(alert, kind="cancel")[early.push] == 1
    assert not server.received(alert)[late.push] + server.received(alert, kind="cancel")[late.push]


def test_who_was_told_to_wait_is_told_after_the_wait_and_once(town):
    server, people = town.server, town.people["Denver"]
    server.misbehave({"kind": "status", "status": 429, "retry_after_s": PAUSE_S, "times": 12})
    alert = town.alert("Denver")
    done = server.until_settled(alert)
    assert 1 <= server.answered()["429"] <= 12
    assert server.received(alert) == {one.push: 1 for one in people}
    assert done["total"]["sent"] == len(people)
    last_sent_at = datetime.fromisoformat(done["channels"]["web_push"]["last_sent_at"])
    assert (last_sent_at - datetime.fromisoformat(done["approved_at"])).total_seconds() >= PAUSE_S


def test_a_subscription_that_is_gone_is_not_contacted_again(town):
    server, people = town.server, town.people["Durango"]
    gone = people[3].push
    server.misbehave({"kind": "status", "status": 410, "only": [gone]})
    first = server.until_settled(town.alert("Durango"))
    assert (first["total"]["sent"], first["total"]["gone"]) == (len(people) - 1, 1)
    server.misbehave()
    second = town.alert("Durango", case_number="EX-2")
    assert server.until_settled(second)["total"]["planned"] == len(people) - 1
    assert server.received(second) == {one.push: 1 for one in people if one.push != gone}
    assert server.answered()["410"] == 1

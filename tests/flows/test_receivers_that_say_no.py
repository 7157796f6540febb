"""What a push service answers is obeyed: come back later, or never again."""

from __future__ import annotations

from datetime import datetime

PAUSE_S = 2


def test_who_was_told_to_wait_is_told_after_the_wait_and_once(house, serve):
    people = house.enrol(30)
    server = serve(workers=1)
    server.misbehave({"kind": "status", "status": 429, "retry_after_s": PAUSE_S, "times": 12})
    alert = server.alert()
    done = server.until_settled(alert)
    assert server.answered()["429"] >= 1
    assert server.received(alert) == {one.push: 1 for one in people}
    assert done["total"]["sent"] == 30
    web_push = done["channels"]["web_push"]
    took = datetime.fromisoformat(web_push["last_sent_at"]) - datetime.fromisoformat(done["approved_at"])
    assert took.total_seconds() >= PAUSE_S


def test_a_subscription_that_is_gone_is_not_contacted_again(house, serve):
    people = house.enrol(10)
    gone = people[3].push
    server = serve(workers=1)
    server.misbehave({"kind": "status", "status": 410, "only": [gone]})
    first = server.until_settled(server.alert())
    assert (first["total"]["sent"], first["total"]["gone"]) == (9, 1)
    server.misbehave()
    second = server.alert()
    assert server.until_settled(second)["total"]["planned"] == 9
    assert server.received(second) == {one.push: 1 for one in people if one.push != gone}
    assert server.answered()["410"] == 1

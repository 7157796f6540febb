"""What a push service answers is obeyed: come back later, or never again."""

from __future__ import annotations

from datetime import datetime

import pytest

pytestmark = pytest.mark.xdist_group("town")

PAUSE_S = 1


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

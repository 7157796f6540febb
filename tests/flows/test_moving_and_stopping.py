"""People who come into an active area are told; a server that is told to stop takes all its processes with it."""

from __future__ import annotations

from cast import DENVER, FAR_AWAY
from server import running, until


def move(server, who, key, place) -> int:
    body = {"lon": place[0], "lat": place[1]}
    return server.put(f"/v1/recipients/{who.public_id}/location", key, body).status_code


def test_who_comes_into_the_area_while_it_is_active_is_told_once(house, serve):
    inside = house.enrol(5)
    comer, stays = house.enrol(2, ("web_push", "inbox"), at=FAR_AWAY)
    server = serve(workers=1)
    alert = server.alert()
    server.until_settled(alert)
    assert server.received(alert) == {one.push: 1 for one in inside}
    assert move(server, comer, stays.key, DENVER) == 403
    assert move(server, comer, "", DENVER) == 401
    for place in (DENVER, FAR_AWAY, DENVER):
        assert move(server, comer, comer.key, place) == 204
    until(lambda: server.inboxes(alert, [comer]) and server.received(alert)[comer.push])
    done = server.until_settled(alert)
    assert done["total"]["planned"] == done["total"]["sent"] == 7
    assert server.received(alert) == {one.push: 1 for one in [*inside, comer]}
    assert server.inboxes(alert, [comer, stays]) == {comer.public_id: 1}


def test_who_comes_in_time_is_told_that_it_is_over_and_who_comes_late_is_told_nothing(house, serve):
    early, late = house.enrol(2, ("web_push",), at=FAR_AWAY)
    house.enrol(3)
    server = serve(workers=1)
    alert = server.alert()
    server.until_settled(alert)
    move(server, early, early.key, DENVER)
    until(lambda: server.received(alert)[early.push])
    server.cancel(alert)
    move(server, late, late.key, DENVER)
    assert server.until_settled(alert, "cancel")["total"]["sent"] == 4
    assert late.push not in server.received(alert)
    assert late.push not in server.received(alert, kind="cancel")
    assert server.received(alert, kind="cancel")[early.push] == 1


def test_a_server_told_to_stop_ends_all_its_processes_and_leaves_nothing_in_doubt(house, serve):
    people = house.enrol(120, ("web_push", "inbox"))
    server = serve(workers=2, window=16)
    children = server.children()
    server.misbehave({"kind": "slow", "seconds": 0.3})
    alert = server.alert()
    until(lambda: server.received(alert))
    assert len(children) == 3
    with server._client.stream("GET", "/v1/inbox/events", headers={"Authorization": f"Bearer {people[0].key}"}):
        assert server.stop(within_s=10.0) == 0
    assert not [command for pid, command in children.items() if running(pid)]
    done = server.start().until_settled(alert)
    assert (done["total"]["sent"], done["total"]["in_doubt"]) == (240, 0)
    assert done["channels"]["web_push"]["repeats"] == 0

"""A server that is told to stop takes all its processes with it, and leaves nothing in doubt."""

from __future__ import annotations

from server import running, until

from notifiers import ledger
from notifiers.transactions import reading


def test_a_server_told_to_stop_ends_all_its_processes_and_leaves_nothing_in_doubt(house, serve):
    people = house.enrol(120, ("web_push", "inbox"))
    server = serve(workers=2, window=8)
    children = server.children()
    server.misbehave({"kind": "slow", "seconds": 0.5})
    alert = server.alert()
    until(lambda: server.received(alert))
    notice_id = server.delivery(alert)["notice_id"]
    assert sum(name.startswith("lookout-worker") for name in children.values()) == 2
    with server.listen("/v1/inbox/events", people[0].key):
        assert server.stop(within_s=10.0) == 0
    until(lambda: not any(running(pid) for pid in children), within_s=2.0)  # the nursery goes once nobody needs it
    with reading(house.engine) as connection:
        left = ledger.tally(connection, notice_id)["web_push"]
    assert (left.in_flight, left.in_doubt) == (0, 0)
    assert 0 < left.sent < 120
    assert left.waiting == 120 - left.sent

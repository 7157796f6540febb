"""Two server processes on one database: whoever comes into an area is told once, whichever server took them in, the
other's alert or its own; and whoever was committed by a process that did nothing more, or was killed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cast import BOTH, DENVER, FAR_AWAY
from house import Member, free_ports
from server import Server, until

from geo import store as positions
from notifiers.tables import recipient
from notifiers.transactions import reading, writing


@pytest.fixture
def people(house) -> tuple[list[Member], list[Member]]:
    """Many inside, and some far away: few enough that the approval is good for them too."""
    return house.enrol(40), house.enrol(5, at=FAR_AWAY)


@pytest.fixture
def pair(house, people, serve) -> Iterator[tuple[Server, Server]]:
    """The first sends; the second, at ports of its own, only takes in and fans out."""
    first = serve(workers=1)
    twin = copy.copy(house)
    twin.port, twin.push_port, twin.smtp_port = free_ports(3)
    second = Server(twin, workers=0)
    try:
        yield first, second.start()
    finally:
        second.end()


def move(server, who, place=DENVER) -> None:
    answer = server.put(f"/v1/recipients/{who.public_id}/location", who.key, {"lon": place[0], "lat": place[1]})
    assert answer.status_code == 204, answer.text


def commit_a_move(house, who) -> None:
    """All that is left of a server that was killed right after its commit."""
    with reading(house.engine) as connection:
        id_ = connection.execute(recipient.select().where(recipient.c.public_id == who.public_id)).one().id
    with writing(house.engine) as connection:
        positions.place(connection, [positions.Position(id_, *DENVER)], datetime.now(UTC))


@BOTH
def test_whoever_comes_is_told_once_by_whichever_server_is_there(house, people, pair):
    inside, (early, here, there, dead, last) = people
    first, second = pair
    move(second, early)
    alert = second.alert()  # fanned out by either, on a map that may have to catch up first
    move(first, here)
    move(second, there)
    commit_a_move(house, dead)
    late = house.enrol(1)  # signed up by a third process
    everybody = [*inside, early, here, there, dead, *late]
    until(lambda: set(first.received(alert)) == {one.push for one in everybody})
    move(second, last)
    second.kill()
    everybody.append(last)
    until(lambda: set(first.received(alert)) == {one.push for one in everybody})
    done = first.until_settled(alert)
    assert first.received(alert) == {one.push: 1 for one in everybody}
    assert done["total"]["planned"] == done["total"]["sent"] == len(everybody)
    first.cancel(alert)
    until(lambda: first.received(alert, kind="cancel") == {one.push: 1 for one in everybody})

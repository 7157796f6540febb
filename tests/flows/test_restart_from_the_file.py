"""A server that starts from its file of the map tells whoever is inside now: not who left or moved away while it was down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cast import DENVER, FAR_AWAY
from house import Member
from server import until

from geo import store as positions
from notifiers import subscriptions
from notifiers.tables import recipient
from notifiers.transactions import reading, writing


@pytest.fixture
def people(house) -> tuple[list[Member], list[Member]]:
    return house.enrol(20), house.enrol(3, at=FAR_AWAY)


def _id(house, who) -> int:
    with reading(house.engine) as connection:
        return connection.execute(recipient.select().where(recipient.c.public_id == who.public_id)).one().id


def _while_it_is_down(house, came, went, left) -> None:
    coming, going, gone = (_id(house, one) for one in (came, went, left))
    with writing(house.engine) as connection:
        rows = [positions.Position(coming, *DENVER), positions.Position(going, *FAR_AWAY)]
        positions.place(connection, rows, datetime.now(UTC))
        subscriptions.leave(connection, recipient_id=gone, now=datetime.now(UTC))
        positions.forget(connection, [gone])


def test_who_came_meanwhile_is_told_and_who_went_or_left_is_not(house, people, serve):
    (went, left, *stayed), (came, *_) = people
    server = serve(workers=1, map_file_people=1)
    assert server.stop() == 0
    assert len(list(house.data.glob("people-*.map"))) == 1
    _while_it_is_down(house, came, went, left)
    server.start()
    assert "map_restored" in server.said()
    alert = server.alert()
    until(lambda: len(server.received(alert)) == len(stayed) + 1)
    server.until_settled(alert)
    assert server.received(alert) == {one.push: 1 for one in [*stayed, came]}

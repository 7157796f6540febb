"""Workers' signs of life."""

from __future__ import annotations

from datetime import timedelta

from cast import BOTH

from notifiers import presence
from notifiers.clock import database_now
from notifiers.transactions import reading


def names(engine, **later: float) -> list[str]:
    with reading(engine) as connection:
        return [row.name for row in presence.alive(connection, database_now(connection) + timedelta(**later))]


@BOTH
def test_who_left_a_sign_is_there_until_three_are_missed(house):
    engine = house.services.engine
    presence.note(engine, "here:1")
    presence.note(engine, "here:1")
    assert names(engine, seconds=20) == ["here:1"]
    assert names(engine, seconds=presence.ALIVE_S + 1) == []


def test_who_stops_by_itself_is_not_missed(house):
    for name in ("here:1", "here:2"):
        presence.note(house.services.engine, name)
    presence.leave(house.services.engine, "here:1")
    assert names(house.services.engine) == ["here:2"]


def test_workers_are_a_series(house, client):
    presence.note(house.services.engine, "here:1")
    assert "lookout_workers 1.0" in client.get("/metrics").text

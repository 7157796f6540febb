"""Positions in the database: overwritten without history, loaded whole, and told again from a sequence number on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, func, select

from alerts.database import make_engine
from geo.store import Position, changes_since, forget, load_all, newest, place
from geo.tables import metadata, position

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request, tmp_path):
    if request.param == "postgresql":
        engine = make_engine(request.getfixturevalue("postgresql"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path}/positions.db")
        metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows_of(placed):
    return set(
        zip(placed.ids.tolist(), placed.lon.tolist(), placed.lat.tolist(), placed.radius_m.tolist(), strict=True)
    )


def test_what_was_placed_is_loaded(connection):
    seq = place(connection, [Position(1, -121.5, 38.6), Position(2, 180.0, -90.0, 700.0)], NOW)
    found = load_all(connection)
    assert rows_of(found) == {(1, -121.5, 38.6, 0.0), (2, 180.0, -90.0, 700.0)}
    assert found.seq == newest(connection) == seq


def test_a_move_leaves_no_trace_of_where_somebody_was(connection):
    place(connection, [Position(1, 1.0, 1.0)], NOW)
    place(connection, [Position(1, 2.0, 2.0)], NOW)
    assert rows_of(load_all(connection)) == {(1, 2.0, 2.0, 0.0)}
    assert connection.scalar(select(func.count()).select_from(position)) == 1


def test_a_person_may_have_a_position_of_each_kind(connection):
    place(connection, [Position(1, 1.0, 1.0), Position(1, 2.0, 2.0, 0.0, "device")], NOW)
    assert len(load_all(connection).ids) == 2


def test_changes_are_those_after_a_number_and_only_those(connection):
    before = place(connection, [Position(1, 1.0, 1.0), Position(2, 2.0, 2.0)], NOW)
    place(connection, [Position(2, 5.0, 5.0)], NOW)
    forget(connection, [1])
    found = changes_since(connection, before)
    assert rows_of(found) == {(2, 5.0, 5.0, 0.0)}
    assert found.removed.tolist() == [1]
    assert changes_since(connection, found.seq).ids.tolist() == []
    assert changes_since(connection, found.seq).removed.tolist() == []


def test_who_comes_back_is_placed_after_being_forgotten(connection):
    place(connection, [Position(1, 1.0, 1.0)], NOW)
    start = forget(connection, [1])
    place(connection, [Position(1, 3.0, 3.0)], NOW)
    assert rows_of(changes_since(connection, start)) == {(1, 3.0, 3.0, 0.0)}
    assert rows_of(load_all(connection)) == {(1, 3.0, 3.0, 0.0)}


def test_what_follows_a_removal_and_a_return_ends_with_the_person_on_the_map(connection):
    start = place(connection, [Position(1, 1.0, 1.0)], NOW)
    forget(connection, [1])
    place(connection, [Position(1, 3.0, 3.0)], NOW)
    found = changes_since(connection, start)
    assert rows_of(found) == {(1, 3.0, 3.0, 0.0)}
    assert 1 not in found.removed.tolist()


def test_many_are_forgotten_at_once(connection):
    place(connection, [Position(number, 1.0, 1.0) for number in range(1, 12_001)], NOW)
    forget(connection, list(range(1, 12_000)))
    assert load_all(connection).ids.tolist() == [12_000]
    assert len(changes_since(connection, 1).removed) == 11_999


def test_nothing_placed_is_nothing_loaded(connection):
    place(connection, [], NOW)
    assert len(load_all(connection).ids) == 0


def test_whoever_moved_one_place_is_told_with_all_places(connection):
    place(connection, [Position(1, 1.0, 1.0), Position(1, 5.0, 5.0, 0.0, "device")], NOW)
    seq = newest(connection)
    place(connection, [Position(1, 6.0, 6.0, 0.0, "device")], NOW)
    assert rows_of(changes_since(connection, seq)) == {(1, 1.0, 1.0, 0.0), (1, 6.0, 6.0, 0.0)}

"""Places end in the store by themselves, and every index hears of it through the sequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from geo import keeping, kinds, store
from geo.keeping import expire, kept_of, remove
from geo.kinds import Held
from geo.store import Position, changes_since, load_all, newest, place, touch
from geo.tables import metadata, position

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def device(recipient_id: int, at: datetime = NOW, lon: float = 5.0) -> Position:
    return Position(recipient_id, lon, 5.0, 0.0, "device", 0, at)


def places(connection) -> set[tuple[int, str, int]]:
    rows = connection.execute(select(position.c.recipient_id, position.c.kind, position.c.number))
    return {tuple(row) for row in rows}


def test_a_device_goes_after_a_day_and_home_stays(connection):
    before = place(connection, [Position(1, 1.0, 1.0), device(1)], NOW)
    assert expire(connection, NOW + DAY - timedelta(seconds=1)) is None
    seq = expire(connection, NOW + DAY)
    assert places(connection) == {(1, "home", 0)}
    found = changes_since(connection, before)
    assert (found.ids.tolist(), found.lon.tolist(), found.removed.tolist(), found.seq) == ([1], [1.0], [], seq)


def test_who_has_no_place_left_is_forgotten(connection):
    before = place(connection, [device(1), Position(2, 2.0, 2.0)], NOW)
    assert expire(connection, NOW + 2 * DAY) is None
    assert expire(connection, NOW + 31 * DAY) is not None
    found = changes_since(connection, before)
    assert (found.removed.tolist(), found.ids.tolist()) == ([1], [])
    assert load_all(connection).ids.tolist() == [2]


def test_nothing_due_is_nothing_done(connection):
    seq = place(connection, [device(1)], NOW)
    assert expire(connection, NOW) is None
    assert newest(connection) == seq


def test_a_crowd_ends_round_by_round(connection, monkeypatch):
    monkeypatch.setattr(keeping, "DUE", 10)
    people = range(1, 26)
    place(connection, [row for one in people for row in (Position(one, 1.0, 1.0), device(one))], NOW)
    rounds = [expire(connection, NOW + DAY) is not None for _ in range(4)]
    assert rounds == [True, True, True, False]
    assert places(connection) == {(one, "home", 0) for one in people}


def test_a_newer_place_is_not_overwritten_by_an_older_one(connection):
    place(connection, [device(1, NOW, 5.0)], NOW, keep_newer=True)
    seq = place(connection, [device(1, NOW - timedelta(seconds=1), 6.0)], NOW, keep_newer=True)
    assert store.count_since(connection, seq - 1) == 0
    assert load_all(connection).lon.tolist() == [5.0]


def test_the_same_place_once_more_changes_nothing_and_a_correction_does(connection):
    place(connection, [device(1)], NOW, keep_newer=True)
    again = place(connection, [device(1)], NOW, keep_newer=True)
    assert store.count_since(connection, again - 1) == 0
    place(connection, [device(1, NOW, 7.0)], NOW, keep_newer=True)
    assert load_all(connection).lon.tolist() == [7.0]


def test_one_place_of_several_is_removed(connection):
    before = place(connection, [Position(1, 1.0, 1.0), Position(1, 2.0, 2.0, 0.0, "followed", 3)], NOW)
    assert remove(connection, 1, "followed", 1) is None
    remove(connection, 1, "followed", 3)
    assert changes_since(connection, before).lon.tolist() == [1.0]
    remove(connection, 1, "home")
    assert changes_since(connection, before).removed.tolist() == [1]


def test_touching_tells_of_people_on_the_map_and_of_no_others(connection):
    place(connection, [Position(1, 1.0, 1.0), Position(2, 2.0, 2.0)], NOW)
    before = newest(connection)
    seq = touch(connection, [1, 99])
    found = changes_since(connection, before)
    assert (found.ids.tolist(), found.touched.tolist(), found.seq) == ([1], [1], seq)


def test_a_move_touches_nobody_but_who_is_new(connection):
    before = place(connection, [Position(1, 1.0, 1.0)], NOW)
    place(connection, [Position(1, 3.0, 3.0), Position(2, 2.0, 2.0)], NOW)
    found = changes_since(connection, before)
    assert sorted(found.ids.tolist()) == [1, 2]
    assert found.touched.tolist() == [2]


def test_a_persons_places_are_listed_with_the_first_in_rank_first(connection):
    place(connection, [Position(1, 2.0, 2.0, 9.0, "followed", 1), Position(1, 1.0, 1.0), device(1)], NOW)
    assert [(one.kind, one.number, one.lon, one.expires_at) for one in kept_of(connection, 1)] == [
        ("device", 0, 5.0, NOW + DAY),
        ("home", 0, 1.0, None),
        ("followed", 1, 2.0, None),
    ]


PLACE = st.sampled_from([("home", 0), ("device", 0), ("followed", 1), ("followed", 8)])
PEOPLE = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), PEOPLE, PLACE, st.integers(0, 20)),  # hours ago
        st.tuples(st.just("remove"), PEOPLE, PLACE, st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 400), PLACE, st.just(0)),  # hours
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_the_store_holds_what_the_policy_says_and_an_index_that_follows_has_the_same(steps):
    engine, now, seq, index = create_engine("sqlite://"), NOW, 0, {}
    model: dict[tuple[int, str, int], Held] = {}
    metadata.create_all(engine)
    with engine.begin() as connection:
        for step, number, (kind, which), ago in steps:
            if step == "wait":
                now += timedelta(hours=number)
            elif step == "place":
                _place(connection, model, now, Position(number, 1.0 * ago, 0.0, 0.0, kind, which, now - ago * DAY / 24))
            else:
                remove(connection, number, kind, which)
                model.pop((number, kind, which), None)
            expire(connection, now)
            _expire(model, now)
            seq = _follow(connection, index, seq)
            assert places(connection) == set(model)
            assert {one for one, _, _ in model} == set(index)
    engine.dispose()


def _place(connection, model, now, row: Position) -> None:
    place(connection, [row], now, keep_newer=True)
    key = (row.recipient_id, row.kind, row.number)
    if key not in model or model[key].moved_at <= row.at:
        model[key] = Held(row.kind, row.number, row.at, kinds.expires_at(row.kind, row.at))


def _expire(model, now) -> None:
    for person in {one for one, _, _ in model}:
        found = kinds.judge([held for key, held in model.items() if key[0] == person], now)
        for one in found.over:
            del model[person, one.kind, one.number]
        for one in found.kept:
            model[person, one.kind, one.number] = one


def _follow(connection, index, seq) -> int:
    """An index as simple as can be: the places of each person."""
    changed = changes_since(connection, seq)
    for one in changed.removed.tolist():
        index.pop(one, None)
    rows = list(zip(changed.ids.tolist(), changed.lon.tolist(), strict=True))
    index.update({one: sorted(lon for who, lon in rows if who == one) for one, _ in rows})
    whole = load_all(connection)
    for one, at in index.items():
        assert at == sorted(whole.lon[whole.ids == one].tolist())
    return changed.seq

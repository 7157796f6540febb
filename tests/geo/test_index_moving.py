"""While people move: interleavings against a dictionary, packing and merging, and readers beside a writer."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geo import index as index_module
from geo import pages
from geo.distance import between
from geo.index import FAN, RecipientIndex
from geo.shapes import Circle, Shape
from geo.tail import Tail

IDS = st.lists(st.integers(0, 40), max_size=30)
WORLD = shapely.box(-180, -90, 180, 90)


class Interleaved(RuleBasedStateMachine):
    """Everybody where the last move put them: on a lattice, so that many stand on edges and in one place."""

    @initialize(ids=IDS, seed=st.integers(0, 2**32 - 1))
    def people_are_there(self, ids, seed):
        self.index, self.truth = RecipientIndex(), {}
        self.move(ids, seed)

    @rule(ids=IDS, seed=st.integers(0, 2**32 - 1))
    def move(self, ids, seed):
        rng = np.random.default_rng(seed)
        places = rng.integers(-5, 6, (len(ids), 2)).astype(float)
        own_m = rng.choice([0.0, 0.0, 60_000.0, 130_000.0], len(ids)) if seed % 2 else np.zeros(len(ids))
        self.index.move(ids, places[:, 0], places[:, 1], own_m if seed % 2 else None)
        self.truth.update({one: [] for one in ids})
        for one, place, radius_m in zip(ids, places.tolist(), own_m, strict=True):
            self.truth[one].append((*place, radius_m))

    @rule(ids=IDS)
    def remove(self, ids):
        self.index.remove(ids)
        for one in ids:
            self.truth.pop(one, None)

    @rule(west=st.integers(-5, 5), south=st.integers(-5, 5), wide=st.integers(1, 6), high=st.integers(1, 6))
    def within(self, west, south, wide, high):
        """On this lattice a radius of 60 km reaches no neighbour, one of 130 km just the four next (111 km)."""
        east, north = west + wide, south + high

        def touches(x, y, radius_m):
            steps = max(west - x, 0, x - east) + max(south - y, 0, y - north)
            return steps <= (1 if radius_m > 120_000 else 0)

        expected = {one for one, places in self.truth.items() if any(touches(*place) for place in places)}
        answer = self.index.within(shapely.box(west, south, east, north)).tolist()
        assert len(answer) == len(set(answer))
        assert set(answer) == expected

    @invariant()
    def everybody_is_somewhere_once(self):
        assert len(self.index) == self.index.count(WORLD) == len(self.truth)
        assert set(self.index.within(WORLD).tolist()) == set(self.truth)


@pytest.fixture(autouse=True, scope="module")
def _small_pages_and_tail():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PAGE", 4)
        patch.setattr(Tail, "ROOM", 8)
        yield


class TestInterleavings(Interleaved.TestCase):
    settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_runs_stay_few_and_the_dead_are_cleared_away():
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(1000), *rng.uniform(-1, 1, (2, 1000)))
    for _ in range(500):
        index.move(rng.integers(0, 1000, 6), *rng.uniform(-1, 1, (2, 6)))
    alive = [run.alive for run in index._now.runs]
    assert all(large >= FAN * small for large, small in pairwise(alive))
    assert sum(len(run.people) for run in index._now.runs) <= 2 * 1000
    assert index.count(WORLD) == len(index) == 1000


def test_those_removed_in_bulk_leave_no_half_dead_run_behind():
    index = RecipientIndex.build(np.arange(1000), np.zeros(1000), np.zeros(1000))
    index.remove(np.arange(100, 1000))
    assert [len(run.people) for run in index._now.runs] == [100]
    index.remove(np.arange(100))
    assert index._now.runs == ()
    assert len(index) == index.count(WORLD) == 0


def test_when_the_versions_are_used_up_counting_starts_again(monkeypatch):
    monkeypatch.setattr(index_module, "LAST_VERSION", 5)
    index = RecipientIndex()
    for step in range(40):
        index.move([step % 7, 7], [step, step], [0, 0])
        assert index.count(shapely.box(step - 0.5, -1, step + 0.5, 1)) == 2
        assert index._now.version <= 6
    assert len(index) == index.count(WORLD) == 8


def test_a_snapshot_taken_before_a_move_answers_as_before_it():
    index = RecipientIndex.build(np.arange(50), np.linspace(0, 1, 50), np.zeros(50))
    before, area = index._now, shapely.box(0, -1, 1, 1)
    index.move(np.arange(20), np.full(20, 5.0), np.zeros(20))
    index.remove([30, 31])
    assert sorted(np.concatenate(before.touching(area)).tolist()) == list(range(50))
    assert sorted(index.within(area).tolist()) == [*range(20, 30), *range(32, 50)]


def test_a_change_that_fails_leaves_all_as_it_was(monkeypatch):
    index = RecipientIndex.build(np.arange(50), np.zeros(50), np.zeros(50))
    monkeypatch.setattr(index_module, "Pages", lambda people: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError):
        index.move(np.arange(20), np.ones(20), np.zeros(20))
    assert index.count(shapely.box(-0.5, -1, 0.5, 1)) == len(index) == 50


def test_readers_see_everybody_once_while_all_move():
    """Everybody only ever moves inside the area; each reader must count all of them every time."""
    count, rng = 400, np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(count), *rng.uniform(-1, 1, (2, count)))
    areas = [shapely.box(-1, -1, 1, 1), Shape(circles=(Circle(0, 0, 160_000),))]
    over, wrong = threading.Event(), []

    def read(area):
        while not over.is_set():
            ids = index.within(area).tolist()
            if sorted(ids) != list(range(count)):
                wrong.append(ids)

    readers = [threading.Thread(target=read, args=(area,)) for area in areas]
    for reader in readers:
        reader.start()
    for step in range(600):
        some = rng.integers(0, count, 1 + step % 30)
        index.move(some, *rng.uniform(-1, 1, (2, len(some))))
    over.set()
    for reader in readers:
        reader.join()
    assert not wrong


def test_nearest_comes_by_distance_then_by_id():
    index = RecipientIndex.build([5, 4, 3, 2, 1, 5], [0, 0, 1, 3, 2, 9], [0, 0, 0, 0, 0, 9], [0, 0, 0, 150_000, 0, 0])
    assert index.nearest((0, 0), 9).tolist() == [4, 5, 3, 2, 1]  # the circle of 2 reaches to 184 km, 1 is 223 km away
    assert index.nearest(shapely.Point(0, 0), 2).tolist() == [4, 5]
    assert index.nearest(shapely.box(2.5, -1, 4, 1), 3).tolist() == [2, 1, 3]
    assert index.nearest(Shape(), 3).tolist() == index.nearest((0, 0), 0).tolist() == []


def test_nearest_finds_wide_circles_on_pages_far_away():
    lon, own_m = np.repeat([1.0, 5.0, 5.0], 4), np.repeat([0.0, 5e5, 5e5], 4)  # 111 km away, and 557 less 500 km
    index = RecipientIndex.build(np.arange(12), lon, np.zeros(12), own_m)
    assert index.nearest((0, 0), 4).tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize("n", [1, 10, 300, 2000])
def test_nearest_of_a_crowd_is_the_brute_force_order(n):
    rng = np.random.default_rng(n)
    lon, lat, own_m = rng.uniform(-180, 180, 1500), rng.uniform(-90, 90, 1500), rng.choice([0.0, 3e5], 1500)
    index = RecipientIndex.build(np.arange(1490), lon[:1490], lat[:1490], own_m[:1490])
    index.move(np.arange(1490, 1500), lon[1490:], lat[1490:], own_m[1490:])
    away = np.maximum(0, between(lon, lat, 179.0, 60.0) - own_m)
    assert index.nearest((179.0, 60.0), n).tolist() == np.lexsort((np.arange(1500), away))[:n].tolist()

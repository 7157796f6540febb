"""While people move: random interleavings against a dictionary, with the helper and without."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from table_holds import check, rows_by_id

from geo import compiled, packing
from geo import index as index_module
from geo.distance import between
from geo.index import RecipientIndex
from geo.shapes import Shape

FAR_IDS = [4095, 4096, 70_000, 2**32 - 1]
ID = st.integers(0, 40) | st.sampled_from(FAR_IDS)
IDS = st.lists(ID, max_size=30)
SEEDS = st.integers(0, 2**32 - 1)
WORLD = shapely.box(-180, -90, 180, 90)
FURTHER_PLACES = (0.0, 60_000.0, 130_000.0)


@pytest.fixture(autouse=True, scope="module")
def _small_pages_and_turns():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "SHIFT", 2)
        patch.setattr(index_module, "TURN", 8)
        yield


class Interleaved(RuleBasedStateMachine):
    """Everybody where the last change put them: on a lattice, so that many stand on edges and in one place."""

    kernel = compiled.kernel

    def __init__(self):
        super().__init__()
        self.before, compiled.kernel = compiled.kernel, self.kernel
        self.room = tempfile.TemporaryDirectory()

    def teardown(self):
        compiled.kernel = self.before
        self.room.cleanup()

    @initialize(ids=IDS, seed=SEEDS)
    def people_are_there(self, ids, seed):
        places, own_m = _places(len(ids), seed)
        self.index = RecipientIndex.build(ids, *places.T, own_m)
        self.truth, self.labels = {}, {}
        self._note(ids, places, own_m)

    @rule(ids=IDS, seed=SEEDS)
    def move(self, ids, seed):
        places, own_m = _places(len(ids), seed)
        self.index.move(ids, *places.T, own_m)
        self._note(ids, places, own_m)

    @rule(one=ID, seed=SEEDS)
    def move_one(self, one, seed):
        places, own_m = _places(1, seed)
        self.index.move_one(one, *places[0].tolist(), 0.0 if own_m is None else float(own_m[0]))
        self._note([one], places, own_m)

    @rule(ids=IDS)
    def remove(self, ids):
        self.index.remove(ids)
        for one in ids:
            self.truth.pop(one, None)
            self.labels.pop(one, None)

    @rule(ids=IDS, code=st.integers(0, 2**16 - 1))
    def label(self, ids, code):
        self.index.label(ids, np.full(len(ids), code))
        self.labels.update(dict.fromkeys(ids, code))

    @rule()
    def snapshot_and_restore(self):
        file = Path(self.room.name) / "index"
        self.index.seq = 7
        self.index.snapshot(file)
        self.index = RecipientIndex.restore(file)
        assert self.index.seq == 7

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
    def everybody_is_where_they_should_be(self):
        pages = self.index._pages
        check(pages)
        assert rows_by_id(pages) == {one: sorted(places) for one, places in self.truth.items()}
        assert len(self.index) == self.index.count(WORLD) == len(self.truth)
        everyone = np.array([*range(41), *FAR_IDS], np.uint32)
        codes = (
            np.zeros(len(everyone))
            if pages.directory.codes is None
            else pages.directory.codes[pages.directory.slots(everyone)]
        )
        assert codes.tolist() == [self.labels.get(one, 0) for one in everyone.tolist()]

    def _note(self, ids, places, own_m):
        self.truth.update({one: [] for one in ids})
        for one, place, radius_m in zip(
            ids, places.tolist(), [0.0] * len(ids) if own_m is None else own_m, strict=True
        ):
            self.truth[one].append((*place, float(radius_m)))


def _places(count, seed):
    """On a lattice; every other time with radii."""
    rng = np.random.default_rng(seed)
    places = rng.integers(-5, 6, (count, 2)).astype(float)
    return places, rng.choice(FURTHER_PLACES, count) if seed % 2 else None


class InterleavedInNumpy(Interleaved):
    kernel = None


SETTINGS = settings(max_examples=40, stateful_step_count=30, deadline=None)


@pytest.mark.skipif(compiled.kernel is None, reason="no compiled helper here")
class TestInterleavings(Interleaved.TestCase):
    settings = SETTINGS


class TestInterleavingsInNumpy(InterleavedInNumpy.TestCase):
    settings = SETTINGS


@pytest.mark.usefixtures("path")
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

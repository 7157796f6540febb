"""The watch: which active areas hold a place, exactly, and only while they are active."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import distance
from geo.shapes import from_circle, from_ring
from geo.watch import Watch

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


AREAS = {
    1: from_ring(box(-105, 39, -104, 40)),
    2: from_circle(180, 0, 50_000),
    3: from_ring([(0, 80), (120, 80), (-120, 80), (0, 80)]),
    4: from_ring(box(-180, 50, -179, 51)),
    5: from_ring(box(-104.5, 39.5, -103, 41)).union(from_circle(0, 0, 1000)),
}


@pytest.fixture(scope="module")
def watch():
    watch = Watch()
    for key, area in AREAS.items():
        watch.add(key, area, LATER)
    return watch


PLACES = {
    "in one": ((-104.8, 39.2, 0), [1]),
    "in two": ((-104.2, 39.7, 0), [1, 5]),
    "on an edge": ((-105, 39.2, 0), [1]),
    "near, its circle touches": ((-105.01, 39.2, 1000), [1]),
    "near, its circle does not": ((-105.01, 39.2, 800), []),
    "in a circle over 180": ((-179.9, 0.1, 0), [2]),
    "on 180 of an area that ends at -180": ((180, 50.5, 0), [4]),
    "its circle touches over 180": ((179.999, 50.5, 100), [4]),
    "the pole": ((33, 90, 0), [3]),
    "nowhere": ((50, -50, 10_000), []),
}


@pytest.mark.parametrize(("place", "keys"), PLACES.values(), ids=PLACES)
def test_a_place_is_in_the_areas_that_hold_or_touch_it(watch, place, keys):
    assert watch.containing(*place) == keys


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 2_000_000))
def test_it_answers_as_the_distance_to_every_area_does(watch, lon, lat, radius_m):
    gaps = {key: distance.to_shape(lon, lat, area)[0] - radius_m for key, area in AREAS.items()}
    sure = {key for key, gap in gaps.items() if abs(gap) > 1 + radius_m * 1e-4 or gap == -radius_m}
    assert set(watch.containing(lon, lat, radius_m)) & sure == {key for key in sure if gaps[key] <= 0}


def test_an_area_is_watched_until_its_time_or_its_removal():
    watch = Watch()
    watch.add(1, AREAS[1], NOW)
    watch.add(2, AREAS[1], LATER)
    assert watch.containing(-104.5, 39.5) == [1, 2]
    assert watch.containing(-104.5, 39.5, now=NOW) == [2]
    assert watch.expire(NOW) == [1]
    watch.remove(2)
    watch.remove(2)
    assert watch.containing(-104.5, 39.5) == []
    assert len(watch) == 0


def test_a_new_area_takes_the_place_of_the_old_one_of_its_key():
    watch = Watch()
    watch.add(1, AREAS[1], LATER)
    watch.add(1, AREAS[2], LATER)
    assert watch.containing(-104.5, 39.5) == []
    assert watch.containing(180, 0) == [1]


def test_threads_ask_while_others_add_and_remove():
    watch, wrong = Watch(), []
    watch.add(1, AREAS[1], LATER)

    def ask():
        wrong.extend(found for _ in range(150) if 1 not in (found := watch.containing(-104.5, 39.5)))

    def change(key):
        for _ in range(50):
            watch.add(key, AREAS[5], LATER)
            watch.remove(key)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads += [threading.Thread(target=change, args=(key,)) for key in (7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_many_places_at_once_are_found_as_one_by_one():
    rng = np.random.default_rng(5)
    watch = Watch()
    watch.add(1, from_circle(10.0, 50.0, 40_000.0), LATER)
    watch.add(2, from_ring([(9.5, 49.5), (10.5, 49.6), (10.2, 50.5), (9.5, 49.5)]), LATER)
    lon, lat, radius_m = rng.uniform(9, 11, 400), rng.uniform(49, 51, 400), rng.choice([0.0, 900.0], 400)
    single = [watch.containing(*row) for row in zip(lon.tolist(), lat.tolist(), radius_m.tolist(), strict=True)]
    each = watch.containing_each(lon, lat, radius_m)
    assert {key: rows.tolist() for key, rows in each.items()} == {
        key: [row for row, keys in enumerate(single) if key in keys] for key in (1, 2)
    }

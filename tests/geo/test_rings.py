"""What a ring means: its loops where it comes back to its own corners, and the pole it goes around."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import distance
from geo.faults import Faults
from geo.rings import polygons

SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]


def read(ring):
    faults = Faults()
    found = polygons([np.array(ring, np.float64)], [""], faults)
    return shapely.MultiPolygon(found), [fault.type for fault in faults.found]


def test_a_loop_that_runs_against_the_ring_is_a_hole():
    area, faults = read([*SQUARE, (1, 2), (2, 1), (0, 0)])
    assert faults == []
    assert area.area == pytest.approx(16 - 1.5)
    assert not area.intersects(shapely.Point(1.2, 1.2))


def test_loops_side_by_side_are_all_of_it():
    area, faults = read([*SQUARE, (-4, 0), (-4, -4), (0, -4), (0, 0)])
    assert faults == []
    assert area.area == 32


@pytest.mark.parametrize(
    "ring",
    [
        [*SQUARE, *SQUARE[1:]],
        [*SQUARE, (2, 1), (1, 2), (0, 0)],
        [(0, 0), (1, 0), (1, 1), (2, 2), (1, 1), (0, 1), (0, 0)],
        [(0, 0), (1, 0), (1, 1), (1, 2), (2, 2), (2, 1), (1, 1), (0, 1), (0, 0)],
        [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)],
    ],
    ids=["twice around", "a loop laid over the whole", "a spike", "two loops in two directions", "a bow tie"],
)
def test_a_ring_without_a_certain_inside_crosses_itself(ring):
    assert read(ring) == (shapely.MultiPolygon(), ["self_crossing"])


def test_a_tangle_of_lines_is_refused_without_being_resolved():
    corners = np.random.default_rng(0).uniform(-1, 1, (3000, 2)).tolist()
    touching = [(0, 0), (0.1, 0), (0, 0.1), (0, 0), *corners, (0, 0)]  # the first thing wrong is a harmless touch
    assert read(touching)[1] == ["self_crossing"]


@given(st.floats(-180, 180), st.integers(3, 40), st.sampled_from([1, -1]), st.booleans())
def test_a_ring_once_around_holds_its_pole_wherever_it_begins(start, corners, pole, westward):
    lon = (start + np.arange(corners) * 360 / corners + 180) % 360 - 180
    ring = [(x, (75 + math.cos(x)) * pole) for x in lon.tolist()]
    ring = [*ring, ring[0]]
    area, faults = read(ring[::-1] if westward else ring)
    assert faults == []
    everywhere = np.linspace(-180, 180, 50)
    assert distance.covered(everywhere, np.full(50, 80.0 * pole), area).all()
    assert not distance.covered(everywhere, np.full(50, 70.0 * pole), area).any()

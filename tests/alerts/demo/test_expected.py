"""The demo's oracle agrees with the index, which shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.demo import expected, people
from geo.index import RecipientIndex
from geo.shapes import Shape, from_circle, from_geojson

HOLED = {
    "type": "Polygon",
    "coordinates": [
        [(-105.2, 39.5), (-104.6, 39.5), (-104.6, 40.0), (-105.2, 40.0), (-105.2, 39.5)],
        [(-105.0, 39.7), (-104.9, 39.7), (-104.9, 39.8), (-105.0, 39.8), (-105.0, 39.7)],
    ],
}
AREAS = {
    "a hole": from_geojson(HOLED),
    "a circle": from_circle(-104.99, 39.74, 12_345.0),
    "both": from_geojson(HOLED).union(from_circle(-105.3, 39.5, 9_000.0)),
    "over 180 degrees": from_circle(179.95, -16.4, 30_000.0),
}


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS.keys())
def test_brute_force_and_index_find_the_same_people(area: Shape):
    drawn = people.draw(area, 4_000, np.random.default_rng(3))
    ids = np.arange(1, len(drawn) + 1, dtype=np.uint32)
    index = RecipientIndex.build(ids, drawn.lon, drawn.lat, drawn.radius_m)
    brute = ids[expected.inside(drawn.lon, drawn.lat, drawn.radius_m, area)]
    assert sorted(index.within(area).tolist()) == brute.tolist()


def test_the_edge_of_a_circle_counts_by_the_geodesic():
    area = from_circle(10.0, 50.0, 1_000.0)
    north = np.array([50.0 + 999.9 / 111_240, 50.0 + 1_002.0 / 111_240])
    assert expected.inside(np.full(2, 10.0), north, np.zeros(2), area).tolist() == [True, False]


def test_a_circle_of_uncertainty_counts_when_it_touches_a_ring():
    square = {"type": "Polygon", "coordinates": [[(10, 50), (11, 50), (11, 51), (10, 51), (10, 50)]]}
    lon = np.full(2, 10.0 - 700 / 71_700)  # some 700 m west of the edge
    inside = expected.inside(lon, np.full(2, 50.5), np.array([800.0, 600.0]), from_geojson(square))
    assert inside.tolist() == [True, False]

"""Who is nearest, against geographiclib: to areas, at their rims, beyond all who touch."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
import shapely

from geo import Circle, RecipientIndex, Shape, packing

pytestmark = pytest.mark.usefixtures("path")
TRIANGLE = shapely.Polygon([(9.9, 50), (10.1, 50.02), (10, 50.1)])


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(packing, "SHIFT", 3)


def crowd(count=150):
    return np.random.default_rng(3).normal((10, 50), (0.3, 0.2), (count, 2)).T


@pytest.mark.parametrize("n", [1, 5, 40, 150, 200])
def test_beyond_those_inside_they_come_by_metres_to_the_border(n):
    lon, lat = crowd()
    away = np.where(oracle.covered(TRIANGLE, lon, lat), 0.0, oracle.to_border(TRIANGLE, lon, lat))
    index = RecipientIndex.build(np.arange(150), lon, lat)
    expected = away[np.lexsort((np.arange(150), away))[:n]]
    assert away[index.nearest(TRIANGLE, n)] == pytest.approx(expected, abs=0.5)


def test_everybody_who_touches_comes_first_by_id():
    lon, lat = crowd()
    index = RecipientIndex.build(np.arange(150), lon, lat, np.full(150, 8000.0))
    touching = np.sort(index.within(TRIANGLE))
    assert 10 < len(touching) < 100
    assert index.nearest(TRIANGLE, 10).tolist() == touching[:10].tolist()
    assert index.nearest(TRIANGLE, 120)[: len(touching)].tolist() == touching.tolist()


def test_to_a_circle_or_a_polygon_whichever_is_nearer():
    lon, lat = crowd()
    circle = Circle(10.5, 50.2, 5000.0)
    index = RecipientIndex.build(np.arange(150), lon, lat)
    round_m = np.maximum(0, oracle.from_middle(circle, lon, lat) - 5000)
    flat_m = np.where(oracle.covered(TRIANGLE, lon, lat), 0.0, oracle.to_border(TRIANGLE, lon, lat))
    away = np.minimum(round_m, flat_m)
    answer = index.nearest(Shape(shapely.MultiPolygon([TRIANGLE]), (circle,)), 60)
    assert away[answer] == pytest.approx(np.sort(away)[:60], abs=0.5)


def test_an_id_comes_once_by_its_nearest_place():
    index = RecipientIndex.build([1, 2, 1, 3], [1.0, 2.0, 3.0, 2.5], [0.0] * 4)
    assert index.nearest((0, 0), 4).tolist() == [1, 2, 3]
    assert index.nearest((4, 0), 2).tolist() == [1, 3]

"""Areas and people that were thought out to be mistaken: on both paths, against shapely and by hand."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
import shapely

from geo import Circle, RecipientIndex, Shape

pytestmark = pytest.mark.usefixtures("path")


def agree(area, lon, lat):
    """The index answers as shapely covers."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    index = RecipientIndex.build(np.arange(len(lon)), lon, lat)
    expected = np.flatnonzero(oracle.covered(area, lon, lat))
    assert np.sort(index.within(area)).tolist() == expected.tolist()
    assert index.count(area) == len(expected)
    return expected


@pytest.mark.parametrize("high", [1e-9, 1e-12, 1e-14, 3e-17])
def test_a_sliver_holds_its_own_edges_and_nobody_beside(high):
    along = np.linspace(-0.1, 1.1, 500)
    sliver = shapely.Polygon([(0, 0), (1, high / 3), (0.4, high)])
    lat = np.concatenate([along * high / 3, along * 0, along * high, along * 0 + high])
    assert len(agree(sliver, np.tile(along, 4), lat)) > 0


def test_holes_that_touch_the_border_and_each_other_keep_their_edges_inside():
    holes = [[(0, 0), (2, 1), (1, 2)], [(2, 1), (4, 1), (4, 3)], [(6, 6), (5.5, 5), (5, 5.5)]]
    area = shapely.Polygon([(0, 0), (6, 0), (6, 6), (0, 6)], holes)
    lon, lat = np.meshgrid(np.arange(-1, 7.5, 0.25), np.arange(-1, 7.5, 0.25))
    assert shapely.is_valid(area)
    agree(area, lon.ravel(), lat.ravel())


def coast(vertices=5000):
    """An island whose outline is rough on every scale."""
    rng = np.random.default_rng(4)
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = np.arange(1, 400)
    rough = (np.cos(np.outer(turn, waves) + rng.uniform(0, 6, 399)) / waves**1.3).sum(axis=1)
    return shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn)]) * (2 + 0.3 * rough[:, None]))


def test_a_coast_of_5000_corners_takes_whom_shapely_covers():
    rng, area = np.random.default_rng(1), coast()
    corners = shapely.get_coordinates(area)
    places = np.vstack(
        [rng.uniform(-3, 3, (8000, 2)), corners, corners[rng.integers(0, 5000, 9000)] + rng.normal(0, 0.01, (9000, 2))]
    )
    assert 5000 < len(agree(area, *places.T)) < 20_000


def test_between_the_teeth_of_a_comb_is_outside():
    teeth = [(x, y) for k in range(1500) for x, y in ((k / 500, 5), ((k + 0.5) / 500, 0.1))]
    comb = shapely.Polygon([(0, 0), *teeth, (3, 0)])
    rng = np.random.default_rng(2)
    agree(comb, rng.uniform(-0.1, 3.1, 6000), rng.uniform(-1, 6, 6000))


def test_repeated_positions_of_a_ring_change_nothing():
    ring = [(0, 0), (0, 0), (0, 0), (0, 0), (4, 0), (4, 0), (4, 4), (0, 4), (0, 0), (0, 0)]
    assert len(agree(shapely.Polygon(ring), [2, 0, 4, 5, 0], [2, 0, 2, 2, 4])) == 4


def test_polygons_of_a_collection_may_overlap_and_are_one_area():
    parts = [shapely.box(0, 0, 4, 4), shapely.box(2, 2, 6, 6), shapely.MultiPolygon([shapely.box(3, 3, 3.5, 3.5)])]
    area = shapely.GeometryCollection([shapely.GeometryCollection(parts[:2]), parts[2], shapely.Polygon()])
    index = RecipientIndex.build(range(5), [1, 3, 3.2, 5, 1], [1, 3, 3.2, 5, 5])
    assert sorted(index.within(area).tolist()) == [0, 1, 2, 3]


def test_a_thousand_parts_are_one_area():
    rng = np.random.default_rng(3)
    boxes = [shapely.box(x, y, x + 0.6, y + 0.6) for x in range(20) for y in range(20)]
    circles = tuple(Circle(x, -y, 30_000.0) for x in range(20) for y in range(1, 31))
    lon, lat = rng.uniform(-1, 21, 3000), rng.uniform(-31, 21, 3000)
    inside = oracle.covered(shapely.MultiPolygon(boxes), lon, lat)
    inside |= np.logical_or.reduce([oracle.from_middle(circles[k], lon, lat) <= 30_000 for k in range(0, 600, 60)])
    index = RecipientIndex.build(np.arange(3000), lon, lat)
    some = Shape(shapely.MultiPolygon(boxes), circles[::60])
    assert np.sort(index.within(some)).tolist() == np.flatnonzero(inside).tolist()
    assert index.count(Shape(shapely.MultiPolygon(boxes), circles)) > len(index.within(some))


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 0.0), (0.25, 0.25)])
def test_everybody_in_one_place_on_a_corner_an_edge_or_inside(place):
    triangle = shapely.Polygon([(0, 0), (1, 0), (0, 1)])
    assert len(agree(triangle, np.full(1000, place[0]), np.full(1000, place[1]))) == 1000
    assert len(agree(triangle, np.full(1000, place[0]), np.full(1000, place[1] - 1e-12))) in (0, 1000)


def test_several_places_of_an_id_answer_it_once_where_it_comes_first():
    rng = np.random.default_rng(6)
    ids, places = rng.integers(0, 500, 3000), rng.uniform(-2, 2, (3000, 2))
    index = RecipientIndex.build(ids, *places.T)
    area = shapely.box(-1, -1, 1, 1)
    found = index.within(area).tolist()
    assert sorted(found) == sorted(set(ids[oracle.covered(area, *places.T)].tolist()))
    assert index.count(area) == len(found)


def test_when_only_the_centre_counts_circles_of_uncertainty_do_not():
    index = RecipientIndex.build([1, 2, 3], [0.5, 1.001, 1.1], [0.5, 0.5, 0.5], [5000.0, 5000.0, 0.0])
    for area in (shapely.box(0, 0, 1, 1), Shape(circles=(Circle(0.5, 0.5, 55_600.0),))):
        assert sorted(index.within(area).tolist()) == [1, 2]
        assert index.within(area, centre=True).tolist() == [1]
        assert (index.count(area), index.count(area, centre=True)) == (2, 1)


def test_people_are_counted_by_their_labels():
    rng = np.random.default_rng(7)
    lon, lat, codes = rng.uniform(-2, 2, 4000), rng.uniform(-2, 2, 4000), rng.choice([0, 3, 65535], 4000)
    index, area = RecipientIndex.build(np.arange(4000), lon, lat), shapely.box(-1, -1, 1, 1)
    assert index.count_by_label(area)[0] == index.count(area)
    index.label(np.arange(4000), codes)
    expected = np.bincount(codes[oracle.covered(area, lon, lat)], minlength=65536)
    assert index.count_by_label(area).tolist() == expected.tolist()

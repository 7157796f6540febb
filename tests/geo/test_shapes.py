"""Areas as they come in: what a ring means on the globe, what is refused and with which words, and the way back."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo import distance
from geo.shapes import Circle, Shape, ShapeFault, from_circle, from_geojson, from_ring, outer_pieces


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def faults_of(make, *given_):
    with pytest.raises(ShapeFault) as caught:
        make(*given_)
    return [(fault.type, fault.path) for fault in caught.value.faults]


OVER_180 = {
    "runs on past 180": box(170, 0, 190, 10),
    "jumps at 180": box(170, 0, -170, 10),
    "runs on below -180": box(-190, 0, -170, 10),
}


@pytest.mark.parametrize("ring", OVER_180.values(), ids=OVER_180)
def test_a_ring_over_180_is_two_parts_whichever_way_it_is_written(ring):
    area = from_ring(ring)
    assert area.polygons.equals(shapely.MultiPolygon([shapely.box(170, 0, 180, 10), shapely.box(-180, 0, -170, 10)]))
    assert area.bounds == [(-180, 0, -170, 10), (170, 0, 180, 10)]


def test_rings_cut_at_180_as_rfc_7946_wants_them_are_taken_as_they_are():
    west, east = box(170, 0, 180, 10), box(-180, 0, -170, 10)
    area = from_geojson({"type": "MultiPolygon", "coordinates": [[west], [east]]})
    assert area.polygons.equals(from_ring(box(170, 0, 190, 10)).polygons)


def test_a_hole_over_180_is_cut_out_on_both_sides():
    area = from_geojson(polygon(box(170, 0, 190, 10), box(178, 4, -178, 6)))
    assert area.polygons.area == pytest.approx(200 - 8)
    assert not area.polygons.intersects(shapely.Point(179, 5))
    assert not area.polygons.intersects(shapely.Point(-179, 5))


@pytest.mark.parametrize("pole", [1, -1])
def test_a_ring_around_a_pole_holds_it(pole):
    area = from_ring([(0, 80 * pole), (90, 80 * pole), (180, 80 * pole), (-90, 80 * pole), (0, 80 * pole)])
    assert area.polygons.equals(shapely.box(-180, min(80 * pole, 90 * pole), 180, max(80 * pole, 90 * pole)))


def test_a_band_around_a_pole_leaves_the_pole_out():
    rings = ([(0, lat), (120, lat), (-120, lat), (0, lat)] for lat in (70, 80))
    assert from_geojson(polygon(*rings)).polygons.equals(shapely.box(-180, 70, 180, 80))


def test_a_ring_that_only_touches_itself_means_what_it_encloses():
    area = from_ring([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2), (1, 1), (0, 0)])
    assert area.polygons.area == 2
    assert area.polygons.is_valid


WRONG_RINGS = {
    "self_crossing": [(0, 0), (2, 2), (2, 0), (0, 3), (0, 0)],
    "zero_area": [(0, 0), (1, 1), (2, 2), (0, 0)],
    "too_few_positions": [(0, 0), (1, 1), (0, 0)],
    "swapped": box(38, -122, 39, -121),
    "out_of_range": box(118, 30, 181, 40),
    "too_large": box(-170, -80, 0, 80),
    "around_the_earth": [(0, -10), (120, 10), (-120, 10), (0, -10)],
}


@pytest.mark.parametrize(("kind", "ring"), WRONG_RINGS.items(), ids=WRONG_RINGS)
def test_a_wrong_ring_is_refused_and_never_mended(kind, ring):
    assert faults_of(from_ring, ring) == [(kind, "")]


def test_all_faults_are_told_at_once_each_with_its_place():
    broken = {
        "type": "GeometryCollection",
        "geometries": [
            polygon([(0, 0), (1, 1)]),
            polygon([(0, 0), (math.nan, 1), ("1", 1), (0, 95), (0, 0)]),
            {"type": "Point", "coordinates": [0, 0], "radius_m": -5},
            {"type": "LineString", "coordinates": []},
        ],
    }
    assert faults_of(from_geojson, broken) == [
        ("too_few_positions", "/geometries/0/coordinates/0"),
        ("not_a_number", "/geometries/1/coordinates/0/1"),
        ("not_a_number", "/geometries/1/coordinates/0/2"),
        ("zero_area", "/geometries/2/radius_m"),
        ("no_area", "/geometries/3"),
    ]


def test_holes_must_lie_inside_and_apart():
    shell = box(0, 0, 10, 10)
    assert faults_of(from_geojson, polygon(shell, box(2, 2, 4, 4), box(20, 2, 21, 3))) == [
        ("hole_outside", "/coordinates/2")
    ]
    assert faults_of(from_geojson, polygon(shell, box(2, 2, 4, 4), box(3, 3, 5, 5))) == [
        ("overlapping_holes", "/coordinates/0")
    ]


@pytest.mark.parametrize("limit", ["too_many_parts", "too_many_vertices"])
def test_parts_and_positions_are_limited(limit):
    many = {
        "too_many_parts": {"type": "MultiPolygon", "coordinates": [[box(0, 0, 1, 1)]] * 1001},
        "too_many_vertices": polygon([(0, 0)] * 100_001),
    }
    assert limit in {kind for kind, _ in faults_of(from_geojson, many[limit])}


def test_parts_that_overlap_are_one_and_parts_that_keep_apart_stay_as_they_were():
    squares = [[box(0, 0, 2, 2)], [box(1, 1, 3, 3)], [box(5, 5, 6, 6)]]
    area = from_geojson({"type": "MultiPolygon", "coordinates": squares})
    assert area.polygons.is_valid
    assert area.polygons.area == pytest.approx(8)
    assert len(area.polygons.geoms) == 2


def comb(teeth, *, lying):
    steps = [(i + part / 4, y) for i in range(teeth) for part, y in enumerate((0, teeth, teeth, 0))]
    ring = [(x / teeth, y / teeth) for x, y in [(0, -1), *steps, (teeth, -1), (0, -1)]]
    return [position[::-1] for position in ring] if lying else ring


def test_parts_that_cross_each_other_a_million_times_are_refused_at_once():
    combs = {"type": "MultiPolygon", "coordinates": [[comb(1000, lying=lying)] for lying in (False, True)]}
    assert faults_of(from_geojson, combs) == [("tangled", "")]


def test_a_circle_is_a_point_with_a_radius_in_itself_or_its_feature():
    point = {"type": "Point", "coordinates": [-121.5, 38.6]}
    feature = {"type": "Feature", "geometry": point, "properties": {"radius_m": 8000}}
    expected = Shape(circles=(Circle(-121.5, 38.6, 8000.0),))
    assert (
        from_geojson(point | {"radius_m": 8000}) == from_geojson(feature) == from_circle(-121.5, 38.6, 8000) == expected
    )


def test_an_area_survives_its_own_json_exactly():
    area = from_geojson(polygon(box(170, 0.1, 190, 10), box(171, 1, 172, 2))).union(from_circle(0.1, 0.2, 0.3))
    assert Shape.from_json(area.to_geojson()) == area
    assert from_geojson(area.to_geojson()).digest() == area.digest()


def test_the_digest_names_the_area_and_not_the_order_it_came_in():
    one, two, round_ = from_ring(box(0, 0, 1, 1)), from_ring(box(5, 0, 6, 1)), from_circle(9, 9, 100)
    assert one.union(two, round_).digest() == round_.union(two, one).digest()
    assert one.digest() != two.digest()


def test_the_digest_stays_what_it_was_in_every_process_and_version():
    area = from_ring(box(0, 0, 1, 1)).union(from_circle(9, 9, 100))
    assert area.digest() == "cf2efc9d4488cb23e3179791f697894bb1409aeff259268d46e066da45b1ff31"


def test_bounds_take_the_short_way_round():
    area = from_ring(box(150, 0, 151, 1)).union(from_ring(box(-160, 5, -159, 6)))
    assert area.bounds == [(-180, 0, -159, 6), (150, 0, 180, 6)]
    assert Shape().bounds == []


def test_a_place_inside_is_found_in_the_largest_part():
    area = from_ring(box(0, 0, 1, 1)).union(from_ring(box(5, 5, 8, 8)))
    assert area.polygons.geoms[1].contains(shapely.Point(area.representative_point()))
    assert from_circle(3, 4, 5).representative_point() == (3, 4)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, max_size=12))
def test_pieces_without_holes_cover_exactly_what_the_holes_leave(cells):
    holes = [box(x + 0.25, y + 0.25, x + 0.75, y + 0.75) for x, y in cells]
    area = from_geojson(polygon(box(0, 0, 10, 10), *holes))
    pieces = [shapely.Polygon(ring) for ring in outer_pieces(area)]
    assert all(piece.is_valid and not piece.interiors for piece in pieces)
    assert sum(piece.area for piece in pieces) == pytest.approx(area.polygons.area)
    assert shapely.union_all(pieces).symmetric_difference(area.polygons).area < 1e-9


def test_a_hole_thinner_than_a_cut_can_be_is_still_no_part_of_the_pieces():
    thin = [(0.3, 0.2), (math.nextafter(0.3, 1), 0.5), (0.3, 0.8), (0.3, 0.2)]
    pieces = outer_pieces(from_geojson(polygon(box(0, 0, 1, 1), thin)))
    assert all(not shapely.Polygon(ring).contains(shapely.Point(math.nextafter(0.3, 1), 0.5)) for ring in pieces)
    assert sum(shapely.Polygon(ring).area for ring in pieces) == pytest.approx(1)


def test_no_piece_is_so_wide_that_its_edges_read_the_other_way_round():
    cap = from_geojson(polygon(box(-180, 80, 180, 90), box(99, 84, 101, 86)))
    again = Shape().union(*map(from_ring, outer_pieces(cap)))
    assert again.polygons.equals(cap.polygons)


def test_circles_that_together_cover_the_world_are_too_large():
    circles = [[lon, lat, 2.4e6] for lon in (-90, 0, 90) for lat in (-45, 0, 45)]
    assert faults_of(from_geojson, {"type": "Feature", "geometry": None, "properties": {"circles": circles}}) == [
        ("too_large", "")
    ]


def test_a_fault_of_a_circle_stands_where_the_circle_is():
    circles = [[0, 0, 1], [181, 0, 1], [0, 0, -1]]
    assert faults_of(from_geojson, {"type": "Feature", "geometry": None, "properties": {"circles": circles}}) == [
        ("out_of_range", "/properties/circles/1"),
        ("zero_area", "/properties/circles/2/radius_m"),
    ]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["geometry", "properties"]), inner),
    max_leaves=20,
)
kinds = st.sampled_from(["Polygon", "MultiPolygon", "Point", "Feature", "GeometryCollection", "FeatureCollection"])


@given(
    st.fixed_dictionaries(
        {"type": kinds},
        optional=dict.fromkeys(
            ("coordinates", "geometry", "geometries", "features", "properties", "radius_m"), json_like
        ),
    )
)
def test_whatever_comes_is_an_area_or_a_fault(obj):
    with contextlib.suppress(ShapeFault):
        assert not from_geojson(obj).is_empty


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=8))
def test_any_ring_is_refused_or_valid_and_inside_the_map(corners):
    try:
        area = from_ring([*corners, corners[0]])
    except ShapeFault:
        return
    assert area.polygons.is_valid
    west, south, east, north = area.polygons.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90


corners = st.lists(st.tuples(st.integers(0, 30), st.integers(-20, 20)), min_size=3, max_size=9, unique=True)


@settings(max_examples=300, deadline=None)
@given(corners, st.integers(-180, 179), st.booleans(), st.tuples(st.integers(-1, 31), st.integers(-21, 21)))
def test_an_area_is_the_same_wherever_around_the_globe_it_lies(ring, turn, wrapped, place):
    """A convex ring near Greenwich, and the same turned east: as written past 180, or with every longitude wrapped."""
    hull = shapely.MultiPoint(ring).convex_hull
    assume(hull.geom_type == "Polygon" and not hull.touches(shapely.Point(place)))  # a cut edge is rounded at 180
    turned = [((x + turn + 180) % 360 - 180 if wrapped else x + turn, y) for x, y in hull.exterior.coords]
    area = from_ring(turned)
    inside = distance.covered(
        np.array([(place[0] + turn + 180.0) % 360 - 180]), np.array([place[1] + 0.0]), area.polygons
    )
    assert inside[0] == hull.covers(shapely.Point(place))
    assert area.polygons.area == pytest.approx(hull.area)

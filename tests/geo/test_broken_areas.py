"""Areas that somebody got wrong: each is refused in plain words, or mended where it means one thing, and said so."""

from __future__ import annotations

import json
import math

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.geojson import size_of
from geo.shapes import ShapeFault, from_geojson, read_geojson


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def parts(*polygons):
    return {"type": "MultiPolygon", "coordinates": [list(rings) for rings in polygons]}


def around(step, count):
    """Corners on a circle, each `step` radians after the other."""
    return [[5 * math.cos(step * n), 5 * math.sin(step * n)] for n in range(count)]


def flower(petals):
    """Triangles that have one corner in common, in one ring."""
    rim = around(math.tau / petals / 2.5, int(petals * 2.5))
    return [place for n in range(petals) for place in ([0, 0], rim[2 * n], rim[2 * n + 1])]


SQUARE = box(0, 0, 2, 2)
BROKEN = {
    "bow-tie": (polygon([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]), "self_crossing"),
    "spike": (polygon([[0, 0], [2, 0], [2, 1], [5, 1], [2, 1], [2, 2], [0, 2], [0, 0]]), "self_crossing"),
    "there and back": (polygon([[0, 0], [1, 1], [2, 2], [1, 1], [0, 0]]), "zero_area"),
    "one place": (polygon([[1, 1]] * 5), "too_few_positions"),
    "one line": (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "zero_area"),
    "hole outside": (polygon(SQUARE, box(3, 3, 4, 4)), "hole_outside"),
    "hole across": (polygon(SQUARE, box(1, 1, 3, 3)), "hole_outside"),
    "holes that overlap": (polygon(box(0, 0, 9, 9), box(1, 1, 3, 3), box(2, 2, 4, 4)), "overlapping_holes"),
    "the same hole twice": (polygon(box(0, 0, 9, 9), box(1, 1, 3, 3), box(1, 1, 3, 3)), "overlapping_holes"),
    "swapped": (polygon(box(39, -105, 40, -104)), "swapped"),
    "the whole world": (polygon(box(-180, -90, 180, 90)), "too_large"),
    "a belt around it": (polygon([[0, -10], [120, 10], [-120, 10], [0, -10]]), "around_the_earth"),
    "far past 180": (polygon(box(118, 30, 181, 40)), "out_of_range"),
    "beyond all": (polygon([[0, 0], [1e308, 0], [1e308, 1e308], [0, 0]]), "out_of_range"),
    "a number that is none": (polygon([[0, 0], [math.nan, 0], [1, 1], [0, 0]]), "not_a_number"),
    "without end": (polygon([[0, 0], [math.inf, 0], [1, 1], [0, 0]]), "not_a_number"),
    "a number of 400 digits": (polygon([[0, 0], [10**400, 0], [1, 1], [0, 0]]), "not_a_number"),
    "words": (polygon([["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]), "not_a_number"),
    "true": (polygon([[True, False], [1, 0], [1, 1], [True, False]]), "not_a_number"),
    "no list": (polygon("0 0 1 1"), "malformed"),
    "pairs that are none": (polygon([[0], [1, 0], [1, 1], [0]]), "malformed"),
    "a line": ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "no_area"),
    "a point": ({"type": "Point", "coordinates": [0, 0]}, "no_radius"),
    "nothing": ({"type": "GeometryCollection", "geometries": []}, "empty"),
    "a feature of nothing": ({"type": "Feature", "geometry": None, "properties": None}, "malformed"),
    "metres of a grid": (
        polygon(SQUARE) | {"crs": {"type": "name", "properties": {"name": "EPSG:25832"}}},
        "other_crs",
    ),
    "a grid that is none": (polygon(SQUARE) | {"crs": "EPSG:4326"}, "other_crs"),
    "a star of 6,000 points": (polygon(around(2.4, 6_000)), "tangled"),
    "1,100 loops at one corner": (polygon(flower(1_100)), "self_crossing"),
    "too many parts": (parts(*[[box(n, 0, n + 0.5, 1)] for n in range(-170, 170)] * 3), "too_many_parts"),
    "too many corners": (polygon([[math.cos(n), math.sin(n)] for n in range(100_001)]), "too_many_vertices"),
}


@pytest.mark.parametrize(("area", "kind"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused_in_plain_words(area, kind):
    with pytest.raises(ShapeFault) as refused:
        from_geojson(area)
    assert kind in {fault.type for fault in refused.value.faults}
    for fault in refused.value.faults:
        assert fault.message.endswith(".")
        assert not any(word in fault.message.lower() for word in ("topology", "self-intersection", "nan", "exception"))


MENDED = {
    "an open ring": (polygon(SQUARE[:-1]), ["closed"], 4.0),
    "a corner twice": (polygon([SQUARE[0], *SQUARE]), ["repeated"], 4.0),
    "clockwise": (polygon(SQUARE[::-1]), [], 4.0),
    "heights": (polygon([[*one, 100.0] for one in SQUARE]), ["heights"], 4.0),
    "two loops at a corner": (polygon([[0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]]), ["loops"], 2.0),
    "parts that overlap": (parts([SQUARE], [box(1, 1, 3, 3)]), ["overlap"], 7.0),
    "a part in a part": (parts([box(0, 0, 9, 9)], [SQUARE]), ["overlap"], 81.0),
    "a part twice": (parts([SQUARE], [SQUARE]), ["overlap"], 4.0),
    "parts that share a border": (parts([SQUARE], [box(2, 0, 4, 2)]), [], 8.0),
    "a part in a hole": (parts([box(0, 0, 9, 9), box(1, 1, 8, 8)], [box(3, 3, 5, 5)]), [], 36.0),
    "holes that touch in a corner": (polygon(box(0, 0, 9, 9), box(1, 1, 3, 3), box(3, 3, 5, 5)), [], 73.0),
    "a hole at the border": (polygon(box(0, 0, 9, 9), box(0, 1, 2, 3)), [], 77.0),
    "past 180": (polygon(box(179, 0, 181, 1)), [], 2.0),
    "wrapped at 180": (polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]), [], 2.0),
    "wrapped the other way": (polygon([[-179, 0], [-179, 1], [179, 1], [179, 0], [-179, 0]]), [], 2.0),
    "before -180": (polygon(box(-181, 0, -179, 1)), [], 2.0),
    "said to be in WGS 84": (
        polygon(SQUARE) | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, [], 4.0,
    ),
    "a sliver": (polygon([[0, 0], [1, 0], [1, 1e-9], [0, 0]]), [], 5e-10),
}  # fmt: skip


@pytest.mark.parametrize(("area", "repairs", "degrees2"), MENDED.values(), ids=MENDED)
def test_what_can_mean_one_thing_only_is_taken_and_every_repair_is_named(area, repairs, degrees2):
    drawn = read_geojson(area)
    assert [one.type for one in drawn.repairs] == repairs
    assert drawn.shape.polygons.is_valid
    assert drawn.shape.polygons.area == pytest.approx(degrees2)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9))
def test_a_repair_never_makes_an_area_wider(corners):
    """Closed or not, whatever is taken lies within the hull of what was drawn, and is what its lines enclose once."""
    try:
        drawn = read_geojson(polygon([list(one) for one in corners])).shape.polygons
    except ShapeFault:
        return
    closed = shapely.LineString([*corners, corners[0]])
    assert shapely.MultiPoint(corners).convex_hull.buffer(1e-9).covers(drawn)
    assert drawn.boundary.difference(closed.buffer(1e-9)).is_empty


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=4), st.integers(0, 10))
def test_parts_and_positions_are_counted_before_they_are_looked_at(rings, depth):
    area = parts(rings)
    for _ in range(depth):
        area = {"type": "GeometryCollection", "geometries": [area]}
    assume(depth <= 8)
    assert size_of(area) == (len(rings), sum(map(len, rings)))
    assert size_of({"type": "Polygon", "coordinates": json.loads("[[1],2]")}) == (2, 1)

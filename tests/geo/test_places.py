"""The gazetteer: true to its source, and refusing by name what it does not have."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.places import Gazetteer, UnknownPlace

MOST_OFF_M = 161.0
GAZETTEER = Gazetteer.load()


@functools.cache
def census(name: str) -> dict[str, Any]:
    pytest.importorskip("_plotly_geo", reason="plotly-geo carries the source; it is a development dependency")
    from geo import build_places

    frame = build_places.source(getattr(build_places, name))
    return dict(zip(frame.GEOID, frame.geometry, strict=True))


def off_m(ours: Any, source: Any) -> float:
    """How far the corners of either boundary are from the other, on a plane of metres around the place."""
    north_m = 111_700.0  # no degree is longer
    east_m = north_m * np.cos(np.radians(source.bounds[1]))
    lines = [shapely.transform(one.boundary, lambda p: p * (east_m, north_m)) for one in (ours, source)]
    shapely.prepare(lines)
    corners = [shapely.points(shapely.get_coordinates(line)) for line in lines]
    return float(max(shapely.distance(lines[0], corners[1]).max(), shapely.distance(lines[1], corners[0]).max()))


WORST = ("31087", "37183", "48355", "51163", "12087")  # of a run over all of them


def test_counties_are_at_most_161_m_off_their_source():
    source = census("COUNTIES")
    assert source.keys() == GAZETTEER.counties.keys()
    for code in (*WORST, *sorted(source)[::40]):
        assert off_m(GAZETTEER.get(code).polygons, source[code]) <= MOST_OFF_M, code


def test_every_boundary_is_valid():
    places = [GAZETTEER.get(code).polygons for code in (*GAZETTEER.counties, *GAZETTEER.states)]
    assert shapely.is_valid(places).all()


@pytest.mark.parametrize("code", ["11", "21", "34", "48", "72"])
def test_a_state_is_at_most_161_m_off_its_source(code):
    assert off_m(GAZETTEER.get(code).polygons, census("STATES")[code]) <= MOST_OFF_M


def test_same_and_fips_name_the_same_place():
    assert GAZETTEER.get("006037").digest() == GAZETTEER.get("06037").digest()
    assert GAZETTEER.name("006037") == "Los Angeles County, CA"
    assert GAZETTEER.name("006000") == GAZETTEER.name("06") == "California"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("106037", "part 1 of Los Angeles County, CA has no boundary here"),
        ("057123", "marine zones have no boundary"),
        ("000000", "the whole country is no area"),
        ("006999", "no such county"),
        ("6037", "six digits"),
        ("", "six digits"),
        ("00603७", "six digits"),
    ],
)
def test_a_code_without_a_boundary_is_refused_by_name_and_never_widened(code, why):
    with pytest.raises(UnknownPlace, match=why):
        GAZETTEER.get(code)
    assert GAZETTEER.find(code) is None


def test_a_state_contains_its_counties():
    california = GAZETTEER.get("06").polygons
    assert california.buffer(1e-3).contains(GAZETTEER.get("06037").polygons)


def test_search_finds_places_by_the_words_of_their_name():
    assert GAZETTEER.search("los ang") == [("006037", "Los Angeles County, CA")]
    assert ("006000", "California") in GAZETTEER.search("calif")
    assert GAZETTEER.search("") == []


def test_every_code_the_docs_call_missing_is_missing_and_its_successor_is_there():
    page = (Path(__file__).parents[2] / "docs" / "gazetteer.md").read_text()
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    missing, there = ([code for row in rows for code in re.findall(r"`(\d{6})`", row[side])] for side in (0, 1))
    assert len(missing) > 30
    assert [code for code in missing if GAZETTEER.find(code) is not None] == []
    assert [code for code in there if GAZETTEER.find(code) is None] == []

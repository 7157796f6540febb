"""CAP's polygons and circles: latitude first, kilometres, every fault told."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.shapes import Circle, ShapeFault, parse_cap_circle, parse_cap_polygon


def faults_of(read, text):
    with pytest.raises(ShapeFault) as caught:
        read(text)
    return [(fault.type, fault.path) for fault in caught.value.faults]


def test_latitude_and_longitude_change_places_once():
    text = "38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14"  # CAP 1.2 appendix A.1
    assert parse_cap_polygon(text)[:2] == ((-120.14, 38.47), (-119.95, 38.34))
    assert parse_cap_circle("32.9525,-115.5527 10.5") == Circle(-115.5527, 32.9525, 10_500.0)


WRONG_POLYGONS = {
    "": ("too_few_positions", ""),
    "1,2 3,4 1,2": ("too_few_positions", ""),
    "1,2 3,4 5,7 6,9": ("not_closed", ""),
    "1,2 3 5,7 1,2": ("malformed", "/1"),
    "1,2 3,4,5 5,7 1,2": ("malformed", "/1"),
    "1,2 nan,4 5,7 1,2": ("not_a_number", "/1"),
    "1,2 1e999,4 5,7 1,2": ("malformed", "/1"),
    "1,2 \u0661,4 5,7 1,2": ("malformed", "/1"),
    "1,2 3,181 5,7 1,2": ("out_of_range", "/1"),
    "-121,38 -120,38 -120,39 -121,38": ("swapped", ""),
}


@pytest.mark.parametrize(("text", "fault"), WRONG_POLYGONS.items())
def test_a_wrong_polygon_is_refused(text, fault):
    assert faults_of(parse_cap_polygon, text) == [fault]


@pytest.mark.parametrize("text", ["", "1,2", "1,2 3 4", "1 2", "1,2 x", "1,2 nan", "91,2 3", "1,181 3"])
def test_a_wrong_circle_is_refused(text):
    assert faults_of(parse_cap_circle, text)


@given(st.text(alphabet="0123456789.,- eE+\tx", max_size=60))
def test_whatever_is_written_is_positions_or_a_fault(text):
    for read in (parse_cap_polygon, parse_cap_circle):
        with contextlib.suppress(ShapeFault):
            assert read(text)

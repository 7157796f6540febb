"""One line of a bulk of locations: what is taken, and every fault of what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import location_lines
from alerts.location_lines import Told
from geo import kinds

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GOOD = {"person": "u-1", "lon": -104.99, "lat": 39.74}


def read(*lines: object, first: int = 1):
    raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    return location_lines.read(raw, first, NOW)


def faults_of(line: object) -> list[tuple[str, str]]:
    told, faults = read(line)
    assert told == []
    return [(fault.problem.type, fault.problem.path) for fault in faults]


def test_a_line_tells_where_a_device_is_now():
    assert read(GOOD) == ([Told(1, "u-1", -104.99, 39.74, 0.0, "device", 0, None)], [])


def test_a_line_may_say_which_place_how_exactly_and_when():
    line = GOOD | {"kind": "followed", "number": 2, "radius_m": 250, "at": "2026-05-01T13:00:00+02:00"}
    [told], _ = read(line)
    assert told[4:] == (250.0, "followed", 2, datetime(2026, 5, 1, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"person": ""}, ("person.form", "/person")),
        ({"person": 17}, ("person.form", "/person")),
        ({"person": "x" * 256}, ("person.form", "/person")),
        ({"person": "\ud800"}, ("person.form", "/person")),
        ({"lon": 180.5}, ("lon.range", "/lon")),
        ({"lon": "1"}, ("lon.range", "/lon")),
        ({"lat": True}, ("lat.range", "/lat")),
        ({"lat": None}, ("lat.range", "/lat")),
        ({"radius_m": -1}, ("radius_m.range", "/radius_m")),
        ({"radius_m": 50_001}, ("radius_m.range", "/radius_m")),
        ({"kind": "work"}, ("kind.value", "/kind")),
        ({"kind": ["home"]}, ("kind.value", "/kind")),
        ({"kind": "followed"}, ("number.range", "/number")),
        ({"kind": "followed", "number": 9}, ("number.range", "/number")),
        ({"kind": "home", "number": 1}, ("number.range", "/number")),
        ({"number": 0.0}, ("number.range", "/number")),
        ({"at": 1777636800}, ("at.form", "/at")),
        ({"at": "yesterday"}, ("at.form", "/at")),
        ({"at": "0001-01-01T00:00:00+01:00"}, ("at.form", "/at")),
        ({"at": "2026-05-01T12:00:00"}, ("at.offset", "/at")),
        ({"at": "2026-05-01T12:01:01Z"}, ("at.future", "/at")),
        ({"at": "2026-04-30T12:00:00Z"}, ("at.over", "/at")),
        ({"latitude": 1}, ("line.unknown", "/latitude")),
        ({"a/b~c": 1}, ("line.unknown", "/a~1b~0c")),
    ],
)
def test_each_fault_is_named_with_its_path(change, fault):
    assert faults_of(GOOD | change) == [fault]


@pytest.mark.parametrize("name", ["person", "lon", "lat"])
def test_what_is_missing_is_named(name):
    assert [path for _, path in faults_of({key: value for key, value in GOOD.items() if key != name})] == [f"/{name}"]


def test_all_faults_of_a_line_are_named_at_once_without_its_content():
    _, faults = read({"person": "secret" * 50, "lon": 999, "lat": "north", "colour": "red"}, first=17)
    assert [fault.line for fault in faults] == [17] * 4
    assert "secret" not in str(faults)


@pytest.mark.parametrize(
    ("raw", "type_"),
    [
        (b"{", "json"),
        (b"lon,lat", "json"),
        (b"\xff\xfe", "utf8"),
        (b'{"lon": 1, "lon": 2}', "json.duplicate"),
        (b'{"lon": NaN}', "json.constant"),
        (b"[" * 400 + b"]" * 400, "json.depth"),
        (b"[1, 2]", "line.type"),
        (b"null", "line.type"),
        (b'{"person": "' + b"x" * 1024 + b'"}', "line.long"),
    ],
)
def test_what_is_no_object_is_one_fault(raw, type_):
    assert faults_of(raw) == [(type_, "")]


def test_empty_lines_count_and_mean_nothing():
    told, faults = read(b"", b" \r", json.dumps(GOOD).encode() + b"\r", b"{")
    assert [one.line for one in told] == [3]
    assert [one.line for one in faults] == [4]


def test_a_clock_may_be_a_little_fast():
    [told], _ = read(GOOD | {"at": "2026-05-01T12:00:59Z"})
    assert told.at == NOW + timedelta(seconds=59)


def test_a_home_may_have_been_told_long_ago():
    [told], _ = read(GOOD | {"kind": "home", "at": "2020-01-01T00:00:00Z"})
    assert told.at.year == 2020


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.dictionaries(st.sampled_from([*location_lines.MEMBERS, "x"]), inner),
    max_leaves=8,
))  # fmt: skip
def test_whatever_comes_is_either_taken_in_its_bounds_or_named(line):
    told, faults = read(line)
    assert len(told) + bool(faults) <= 1
    for one in told:
        assert -180 <= one.lon <= 180
        assert -90 <= one.lat <= 90
        assert 0 <= one.radius_m <= location_lines.MAX_RADIUS_M
        assert one.number in kinds.numbers_of(one.kind)

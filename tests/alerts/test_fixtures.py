"""The fixtures are what their names say, and all of them are invented."""

from __future__ import annotations

import json

import pytest
from desk import FIXTURES, NOW

from alerts import area, errors, validation
from alerts.programme import US_AMBER

ALERTS = sorted((FIXTURES / "alerts").iterdir())


def problems(read, gazetteer, path):
    kind = "application/json" if path.suffix == ".json" else "application/cap+xml"
    try:
        found = read(path.read_bytes(), kind)
    except errors.Refused as refusal:
        return refusal.problems
    placed = area.effective(found.alert, gazetteer)
    rules = validation.check(found.alert, US_AMBER, None, placed.shape, NOW, found.policy)
    return (*found.problems, *placed.problems, *rules)


@pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.name)
def test_exactly_the_invalid_ones_are_refused(read, gazetteer, path) -> None:
    found = problems(read, gazetteer, path)
    assert validation.refuses(found) is path.name.startswith("invalid_"), found


@pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.name)
def test_whoever_appears_is_an_example_with_a_number_kept_for_fiction(path) -> None:
    text = path.read_text()
    assert "Example" in text
    assert "555 01" in text or "contact" not in text


def test_the_demo_has_a_hole_a_circle_a_county_and_a_photo(read, gazetteer) -> None:
    record = json.loads((FIXTURES / "alerts" / "demo.json").read_text())
    assert (len(record["area"]["geojson"]["coordinates"]), len(record["photos"])) == (2, 1)
    shape = area.effective(read(record).alert, gazetteer).shape
    assert shape is not None
    assert len(shape.circles) == 1
    assert any(polygon.interiors for polygon in shape.polygons.geoms)

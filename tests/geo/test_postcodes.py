"""ZIP codes: where each is, roughly."""

from __future__ import annotations

import numpy as np
import pytest

from geo import build_postcodes, postcodes


@pytest.mark.parametrize(
    ("text", "lon", "lat"), [("80203", -104.98, 39.73), ("80203-1234", -104.98, 39.73), ("00601", -66.75, 18.18)]
)
def test_a_code_is_found_by_its_area(text, lon, lat):
    found = postcodes.find(text)
    assert found == pytest.approx((lon, lat), abs=0.05)


@pytest.mark.parametrize("text", ["", "8020", "00000", "99999", "802031", "80203-1", "Denver", "8020\uff13"])
def test_what_is_none_is_found_nowhere(text):
    assert postcodes.find(text) is None


def test_codes_stand_in_order_and_those_of_denver_lie_in_it(gazetteer):
    code, lon, lat = postcodes._load()
    assert len(code) > 33_000
    assert (np.diff(code.astype(np.int64)) > 0).all()
    denver = gazetteer.get("008031").polygons.bounds
    inside = (lon / 1e4 > denver[0]) & (lon / 1e4 < denver[2]) & (lat / 1e4 > denver[1]) & (lat / 1e4 < denver[3])
    assert 80203 in code[inside]


def test_the_file_is_made_of_the_packages_rows():
    made = build_postcodes.columns("'80203': { latitude: 39.7314, longitude: -104.98284 },")
    assert {name: column.tolist() for name, column in made.items()} == {
        "code": [80203],
        "lon": [-1049828],
        "lat": [397314],
    }

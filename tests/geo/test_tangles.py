"""Lines that cross too often are found out before they cost anything, and real borders are not among them."""

from __future__ import annotations

import shapely

from geo.places import Gazetteer
from geo.tangles import tangled


def bars(count, *, lying):
    edges = [(n / count, (n + 0.5) / count) for n in range(count)]
    return [shapely.box(0, low, 1, high) if lying else shapely.box(low, 0, high, 1) for low, high in edges]


def test_bars_laid_over_bars_are_a_tangle():
    assert tangled([*bars(200, lying=True), *bars(200, lying=False)])
    assert not tangled([*bars(50, lying=True), *bars(50, lying=False)])


def test_any_number_of_bars_side_by_side_is_none():
    assert not tangled(bars(2000, lying=True))


def test_the_counties_of_a_state_with_their_shared_borders_are_none():
    places = Gazetteer.load()
    assert not tangled([places.get(code).polygons for code in places.counties if code.startswith("48")])


def test_nothing_is_no_tangle():
    assert not tangled([])

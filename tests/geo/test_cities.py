"""Cities for names on maps and people in drills."""

from __future__ import annotations

from geo import cities


def test_the_largest_city_comes_first_and_every_city_has_a_place_and_people():
    known = cities.load()
    assert len(known) > 50_000
    assert (known.inhabitants[:-1] >= known.inhabitants[1:]).all()
    assert (abs(known.lon) <= 180).all()
    assert (abs(known.lat) <= 90).all()


def test_a_box_finds_the_cities_inside_it_alone():
    known = cities.load()
    rows = known.within_box(-105.2, 39.5, -104.6, 40.0)
    assert known.name[rows[0]] == "Denver"
    assert (known.lon[rows] >= -105.2).all()
    assert (known.lat[rows] <= 40.0).all()


def test_the_nearest_city_is_found_across_180_degrees_too():
    assert cities.nearest(-104.98, 39.74) == "Denver"
    assert cities.nearest(-179.99, -16.5, within_m=300_000) is not None
    assert cities.nearest(-140.0, 0.0) is None

"""The demo's people: enough inside, enough just outside, wherever on earth the area lies."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.demo import expected, people
from geo.shapes import Shape, from_circle, from_geojson

POPULATION = 1_500
DENVER = {"type": "Polygon", "coordinates": [[(-105.1, 39.6), (-104.7, 39.6), (-104.7, 39.9), (-105.1, 39.9), (-105.1, 39.6)]]}  # fmt: skip
AREAS = {
    "a city": from_geojson(DENVER),
    "the empty ocean": from_circle(-140.0, 5.0, 8_000.0),
    "over 180 degrees": from_circle(179.99, -16.5, 20_000.0),
    "a sliver": from_geojson({"type": "Polygon", "coordinates": [[(10, 50), (10.5, 50), (10.5, 50.0001), (10, 50)]]}),
}


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS.keys())
def test_a_fifth_is_inside_and_a_tenth_within_5_km_outside(area):
    drawn = people.draw(area, POPULATION, np.random.default_rng(7))
    wider = _within_5_km(drawn, area)
    inside = expected.inside(drawn.lon, drawn.lat, drawn.radius_m, area)
    assert len(drawn) == POPULATION
    assert inside.sum() >= POPULATION / 5
    assert (wider & ~inside).sum() >= POPULATION / 10
    assert (~wider).sum() > 0


def _within_5_km(drawn: people.People, area: Shape):
    from geo import distance

    return distance.to_shape(drawn.lon, drawn.lat, area) <= 5_000.0 + drawn.radius_m


def test_the_same_seed_draws_the_same_people():
    first, second = (people.draw(AREAS["a city"], 300, np.random.default_rng(1)) for _ in range(2))
    assert (first.lon == second.lon).all()
    assert (first.consent == second.consent).all()


def test_whoever_did_not_consent_is_not_confirmed_either():
    drawn = people.draw(AREAS["a city"], POPULATION, np.random.default_rng(2))
    assert not (drawn.confirmed & ~drawn.consent).any()
    assert 0 < drawn.confirmed.sum() < drawn.consent.sum() < POPULATION

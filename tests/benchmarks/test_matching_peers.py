"""What keeps the benchmark honest: peers answer as the index does, and a difference ends the run."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import areas, building, peers, population, report, within
from geo import RecipientIndex

PEOPLE = population.draw(30_000)
INDEX = RecipientIndex.build(PEOPLE.ids, PEOPLE.lon, PEOPLE.lat)


@pytest.fixture(scope="module")
def rivals():
    return [*peers.strtrees(PEOPLE), peers.rtree_alone(PEOPLE), peers.sqlite_rtree(PEOPLE), peers.Joined(PEOPLE)]


@pytest.mark.parametrize("area", areas.all_areas(), ids=lambda area: area.name)
def test_every_peer_answers_as_the_index(area, rivals):
    seconds = within.against(INDEX, area, rivals, repeats=2)
    assert len(seconds) == (3 if area.at(0.0, 0.0).circles else 5)


def test_the_antimeridian_area_has_people_on_both_sides_of_180_degrees():
    area = next(area for area in areas.all_areas() if area.name == "over the antimeridian")
    people = population.draw(300_000)
    inside = RecipientIndex.build(people.ids, people.lon, people.lat).within(area.at(0.0, 0.0))
    lon = people.lon[inside]
    assert (lon < 0).any()
    assert (lon > 0).any()


def test_a_person_too_many_or_too_few_ends_the_run():
    with pytest.raises(within.WrongAnswer, match=r"1 too many .* 0 missing"):
        within.agree("somebody", np.array([3, 1, 2]), np.array([1, 2]))
    with pytest.raises(within.WrongAnswer, match=r"0 too many .* 1 missing"):
        within.agree("somebody", np.array([1]), np.array([1, 2]))


def test_the_population_is_the_same_each_time():
    again = population.draw(30_000)
    assert np.array_equal(again.lon, PEOPLE.lon)
    assert np.array_equal(again.lat, PEOPLE.lat)


def test_arrays_are_counted_once_each_wherever_they_hang():
    column = np.zeros(1000)
    assert building.bytes_of_arrays({"one": column, "again": [column, column[10:]]}) == 8000


def test_a_goal_that_is_missed_says_by_how_much():
    assert report.at_most("x", 3.0, "ms", 2.0).note == "missed by 50%"
    assert report.at_least("x", 1.0, "M/s", 4.0).note == "missed by 75%"
    assert report.at_most("x", 2.0, "ms", 2.0).reached

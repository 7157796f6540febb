"""The operator's map of coverage."""

from __future__ import annotations

import re

from cast import DENVER, FAR_AWAY

from alerts.coverage import Cell
from alerts.pages.coverage import draw, named, shade


def test_the_map_shows_full_cells_and_says_how_many_are_left_blank(house, signed_in):
    house.enrol([DENVER] * 25)
    house.enrol([FAR_AWAY] * 9, "email")
    page = signed_in("operator").get("/operations/coverage").text
    assert page.count('<rect class="c-0" x=') == 1
    assert re.search(r"<td class=\"text\">near [A-Z]", page)
    assert "left blank (1 of them)" in page
    assert not re.search(r"\b25\b", page)


def test_without_people_it_says_so(signed_in):
    assert "no cell yet" in signed_in("operator").get("/operations/coverage").text


def test_shades_are_by_powers_of_ten():
    assert [shade(people) for people in (10, 90, 100, 9_990, 10_000, 5_000_000)] == [0, 0, 1, 2, 3, 3]


def test_cells_lie_on_the_sheet_beside_each_other():
    drawn = draw([Cell(-105.0, 39.5, 10), Cell(-104.75, 39.5, 200)], None)
    [(x1, w1), (x2, _)] = [
        (float(x), float(w)) for x, w in re.findall(r'c-\d" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawn)
    ]
    assert abs(x1 + w1 - x2) < 0.2


def test_a_cell_far_from_towns_is_named_by_its_place():
    assert named(Cell(-140.0, -40.0, 10)) == "39.88° S, 139.88° W"

"""A town by its name."""

from __future__ import annotations

from alerts.pages import towns


def test_a_town_that_everybody_means_is_taken_at_once(gazetteer):
    [found] = towns.find(gazetteer, " denver ")
    assert "Denver County, CO" in found.name


def test_a_name_of_many_towns_is_asked_about_with_their_counties(gazetteer):
    found = towns.find(gazetteer, "Springfield")
    assert len(found) > 3
    assert "Greene County, MO" in found[0].name


def test_a_state_after_the_comma_decides(gazetteer):
    [found] = towns.find(gazetteer, "Springfield, IL")
    assert "Sangamon County" in found.name


def test_what_was_chosen_is_taken_as_it_was_offered(gazetteer):
    offered = towns.find(gazetteer, "Springfield")[1]
    [chosen] = towns.find(gazetteer, "Springfield", choice=offered.at)
    assert (chosen.lon, chosen.lat) == (round(offered.lon, 2), round(offered.lat, 2))


def test_nonsense_leads_nowhere(gazetteer):
    assert towns.find(gazetteer, "Xyzzyville") == []
    assert towns.find(gazetteer, "") == []
    assert towns.find(gazetteer, "", here="nan,inf") == []

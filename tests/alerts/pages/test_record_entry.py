"""The record's form: measures, lists, times, and the way there and back."""

from __future__ import annotations

import pytest

from alerts.model import Problem, Severity
from alerts.pages import form_page, measures, record_entry
from alerts.pages.record_form import CHILDREN, VEHICLES, place_in_form
from alerts.record import Record
from alerts.record_example import EXAMPLE


def test_the_example_survives_the_way_into_the_form_and_back():
    values = record_entry.write(EXAMPLE)
    entry = record_entry.read(values, EXAMPLE)
    Record.model_validate(entry.record)
    assert not entry.faults
    assert entry.record["children"] == EXAMPLE["children"]
    assert entry.record["vehicles"] == EXAMPLE["vehicles"]


@pytest.mark.parametrize(
    ("text", "metres"), [("4 ft 1 in", 1.24), ("4'1\"", 1.24), ("5 feet", 1.52), ("124 cm", 1.24), ("1,24 m", 1.24)]
)
def test_heights_are_read_as_people_write_them(text, metres):
    assert measures.height_m(text) == metres


@pytest.mark.parametrize("text", ["124", "tall", "4 ft 1 in 3", "", "9999 cm"])
def test_a_height_without_unit_or_sense_is_refused(text):
    with pytest.raises(ValueError, match="Write the height"):
        measures.height_m(text)


def test_weights_keep_their_unit_in_mind():
    assert measures.weight_kg("52 lb") == 23.6
    assert measures.weight_kg("24 kg") == 24
    with pytest.raises(ValueError, match="Write the weight"):
        measures.weight_kg("52")


def test_a_time_keeps_the_offset_of_its_place():
    assert measures.moment("2026-11-22T08:45", "America/Denver") == "2026-11-22T08:45:00-07:00"
    with pytest.raises(ValueError, match="time zone"):
        measures.moment("2026-11-22T08:45", "")


def test_empty_items_of_a_list_are_closed_up():
    tidy = record_entry.tidy({"vehicles.0.plate": "", "vehicles.2.plate": "EX4MPLE", "case_number": "1"})
    assert record_entry.count(tidy, VEHICLES) == 1
    assert tidy["vehicles.0.plate"] == "EX4MPLE"
    assert tidy["case_number"] == "1"


def test_the_first_child_is_always_asked_about():
    assert record_entry.count({}, CHILDREN) == 1
    assert record_entry.count({}, VEHICLES) == 0


def test_a_measure_that_cannot_be_read_is_a_fault_beside_its_field():
    entry = record_entry.read({"children.0.name": "Robin", "children.0.height_m": "tall"})
    assert list(entry.faults) == ["children.0.height_m"]
    assert entry.record["children"] == [{"name": "Robin"}]


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/children/0/name", "children.0.name"),
        ("/children", "children.0.name"),
        ("/abduction/point/lat", "abduction.point.lat"),
        ("/area/same/2", "places"),
        ("/area/geojson/coordinates", "coordinates"),
        ("/area", "places"),
        ("/area/description", "area.description"),
        ("/photos/0", "photos"),
        ("/nowhere", None),
        ("", None),
    ],
)
def test_a_fault_finds_its_field(pointer, name):
    assert place_in_form(pointer) == name


def test_every_error_is_shown_once_and_warnings_are_no_errors():
    found = [
        Problem(Severity.ERROR, "missing", "/case_number", "is missing"),
        Problem(Severity.ERROR, "x", "/nowhere", "the clock is wrong"),
        Problem(Severity.WARNING, "y", "/case_number", "looks odd"),
    ]
    faults, stray = form_page.sorted_faults(found, {"places": ["Unknown."]})
    assert faults == {"places": ["Unknown."], "case_number": ["Case number: this is missing."]}
    assert stray == ["The clock is wrong."]


def test_what_stands_as_the_form_showed_it_keeps_what_no_form_shows():
    was = {
        "abduction": {"at": "2026-11-23T15:32:45Z", "place": "Example Park"},
        "children": [{"name": "A", "height_m": 1.223}],
    }
    shown = record_entry.write(was)
    same = record_entry.read(record_entry.tidy(shown), was).record
    assert (same["abduction"]["at"], same["children"][0]["height_m"]) == ("2026-11-23T15:32:45Z", 1.223)
    other = record_entry.read(record_entry.tidy(shown | {"abduction.at": "2026-11-23T15:40"}), was).record
    assert other["abduction"]["at"].startswith("2026-11-23T15:40")

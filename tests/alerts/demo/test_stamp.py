"""A file becomes an exercise of today, and is otherwise kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cast import FIXTURES

from alerts import cap
from alerts.demo.stamp import Unusable, stamp, wider
from alerts.intake import read_area
from geo.jurisdictions import sticks_out
from geo.shapes import Circle

NOW = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_a_record_is_marked_exercise_and_gets_the_programmes_expiry():
    stamped = stamp(FIXTURES / "alerts" / "county.json", NOW)
    sent = json.loads(stamped.body)
    given = json.loads((FIXTURES / "alerts" / "county.json").read_text())
    assert sent["status"] == "Exercise"
    assert stamped.alert.expires_at == NOW + timedelta(hours=24)
    assert sent["children"] == given["children"]


def test_a_cap_message_is_stamped_and_keeps_its_words():
    stamped = stamp(FIXTURES / "alerts" / "cap_polygon_and_circle.xml", NOW)
    before = cap.read((FIXTURES / "alerts" / "cap_polygon_and_circle.xml").read_bytes(), lenient=True).understood
    after = cap.read(stamped.body).alert
    assert after.status == "Exercise"
    assert after.sent_at == NOW
    assert after.infos[0].headline == before.infos[0].headline


@pytest.mark.parametrize("name", ["invalid_unknown_county.json", "invalid_doctype.xml", "../README.md", "missing.json"])
def test_a_file_that_cannot_be_played_says_why(name):
    with pytest.raises(Unusable):
        stamp(FIXTURES / "alerts" / name, NOW)


@pytest.mark.parametrize("name", ["demo.json", "cap_county.xml", "cap_polygon_and_circle.xml"])
def test_the_wider_area_covers_the_old_one(name, gazetteer):
    from alerts.area import place

    stamped = stamp(FIXTURES / "alerts" / name, NOW)
    blocks = read_area(wider(stamped.alert, Circle(-104.0, 39.0, 5_000.0)), gazetteer)
    assert sticks_out(stamped.area, place(blocks, gazetteer).shape, sliver_m=1.0) is None

"""The page of feeds: who sees which, what was made of each message, and that what gives more takes a second person."""

import feeding
import pytest
from feeding import cap

from alerts.service import administer


@pytest.fixture
def feeds(house):
    made = feeding.make(house)
    house.ada, house.ben = made.ada, made.ben
    return made


def test_an_officer_sees_what_came_in_and_a_stranger_does_not(house, feeds, signed_in):
    source = feeds.add()
    feeds.take(source, feeds.sign(cap(house.clock(), words="Ximena Example wears a green coat.")))
    page = signed_in("submitter").get("/feeds")
    assert "An alert became a draft" in page.text
    assert "/console/alerts/" in page.text
    assert "Ximena" not in page.text
    assert "IPAWS" not in signed_in("stranger").get("/feeds").text


def test_a_feed_is_proposed_by_one_and_confirmed_by_another(house, feeds, signed_in):
    entered = {"agency": 1, "name": "State", "url": "https://feed.example/atom", "trust": "agency", "interval_s": 60}
    assert "waits for another administrator" in signed_in("ada").post("/feeds", data=entered).text
    assert "State" not in signed_in("ben").get("/feeds").text
    [one] = administer.list_changes(house.services, feeds.ben)
    page = signed_in("ben")
    assert "Add the source “State” (https://feed.example/atom)" in page.get("/administration").text
    page.post(f"/administration/changes/{one.id}/confirm", data={"content_hash": one.content_hash})
    assert "Ada, confirmed by Ben" in page.get("/feeds").text


def test_what_is_wrong_with_a_feed_is_said_whole(feeds, signed_in):
    entered = {"agency": 1, "name": "", "url": "ftp://feed.example", "trust": "../keys", "interval_s": 1}
    answer = signed_in("ada").post("/feeds", data=entered | {"name": " "})
    assert answer.status_code == 409
    assert all(said in answer.text for said in ("Name must", "Url must", "Trust names", "Interval_s must"))


def test_a_rule_is_proposed_by_one_and_ended_by_one(house, feeds, signed_in):
    source, page = feeds.add(), signed_in("ada")
    page.post(f"/feeds/{source.id}/rule", data={"reach_cap": 50})
    assert feeds.get("IPAWS").rule_on is False
    [one] = administer.list_changes(house.services, feeds.ben)
    administer.confirm(house.services, feeds.ben, one.id, one.content_hash)
    assert "up to 50 people" in page.get("/feeds").text
    page.post(f"/feeds/{source.id}/rule/off")
    assert feeds.get("IPAWS").rule_on is False


def test_an_operator_stops_a_feed(house, feeds, signed_in):
    source = feeds.add()
    signed_in("operator").post(f"/operations/feeds/{source.id}/disable")
    assert feeds.get("IPAWS").enabled is False

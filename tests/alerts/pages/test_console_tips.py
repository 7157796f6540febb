"""An officer of the alert's agency reads what people saw."""

from __future__ import annotations

import json
import re

import pytest

from alerts.service import decide, end, submit
from alerts.service import tips as service
from alerts.service.drafting import read_document
from alerts.tip_box import Said


@pytest.fixture
def alert(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def sent(house, alert) -> list[str]:
    """The references of two, the second with a place on the map."""
    said = (Said("A red bicycle", contact="<b>me</b>"), Said("A silver car", lon=-104.9, lat=39.7))
    return [
        service.send(house.services, alert.token, one, form=bytes([n]), client="203.0.113.9")
        for n, one in enumerate(said)
    ]


def test_the_list_and_the_alert_say_how_many_are_unread(signed_in, alert, sent):
    officer = signed_in("submitter")
    assert "2 unread from the public" in officer.get("/console").text
    assert "2 in all, 2 not marked as read" in officer.get(f"/console/alerts/{alert.id}").text
    assert officer.get(f"/console/alerts/{alert.id}/tips/live.json").json() == {"all": 2, "unread": 2}


def test_the_newest_comes_first_with_its_place_on_the_map(signed_in, alert, sent):
    page = signed_in("approver").get(f"/console/alerts/{alert.id}/tips").text
    assert page.index("A silver car") < page.index("A red bicycle")
    assert "39.70000, -104.90000" in page
    assert 'class="m-seen"' in page
    assert "<b>me</b>" not in page
    assert "&lt;b&gt;me&lt;/b&gt;" in page
    assert "anonymous" in page


def test_a_list_that_is_longer_than_a_page_goes_on_with_the_older_ones(signed_in, alert, sent, monkeypatch):
    monkeypatch.setattr(service, "MOST", 1)
    officer, at = signed_in("submitter"), f"/console/alerts/{alert.id}/tips"
    first = officer.get(at).text
    assert ("A silver car" in first, "A red bicycle" in first) == (True, False)
    [older] = re.findall(rf'href="({at}[?]before={sent[1]})"', first)
    second = officer.get(older).text
    assert ("A silver car" in second, "A red bicycle" in second) == (False, True)
    [told] = officer.get(f"/v1{at.removeprefix('/console')}?before={sent[1]}").json()["tips"] or [None]
    assert told["reference"] == sent[0]


def test_what_nobody_has_read_is_counted_for_the_alarm(house, alert, sent, signed_in):
    from alerts.metrics import expose

    house.clock.pass_time(minutes=20)
    assert b"lookout_tips_unread 2.0" in expose(house.services)
    for reference in sent:
        service.mark_read(house.services, house.submitter, alert.id, reference)
    assert b"lookout_tips_oldest_unread_seconds 0.0" in expose(house.services)


def test_one_that_is_marked_says_by_whom_and_leaves_the_unread(signed_in, alert, sent):
    officer, at = signed_in("submitter"), f"/console/alerts/{alert.id}/tips"
    forms = re.findall(rf'action="({at}/{sent[1]}/read[^"]*)"', officer.get(at).text)
    answer = officer.post(forms[0], data={"show": "unread"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at}?show=unread")
    assert "Read by Submitter" in officer.get(at).text
    assert "A silver car" not in officer.get(f"{at}?show=unread").text
    assert "1 unread from the public" in officer.get("/console").text


def test_the_page_says_when_they_go_once_the_search_is_closed(house, signed_in, alert, sent):
    officer, at = signed_in("submitter"), f"/console/alerts/{alert.id}/tips"
    assert "30 days after the search is closed" in officer.get(at).text
    end.cancel(house.services, house.submitter, alert.id)
    goes_at = service.look(house.services, house.submitter, alert.id).goes_at
    page = officer.get(at).text
    assert f'datetime="{goes_at.isoformat()}"' in page
    assert "A silver car" in page


def test_the_case_system_gets_them_as_json(client, house, alert, sent):
    told = client.get(f"/v1/alerts/{alert.id}/tips", headers=house.headers("submitter"))
    assert told.headers["cache-control"] == "no-store"
    assert [one["reference"] for one in told.json()["tips"]] == sent[::-1]
    assert told.json()["tips"][0]["said"]["lon"] == -104.9
    assert client.get(f"/v1/alerts/{alert.id}/tips", headers=house.headers("stranger")).status_code == 404


def test_none_of_another_agency_is_shown_or_marked(signed_in, alert, sent):
    stranger, at = signed_in("stranger"), f"/console/alerts/{alert.id}/tips"
    assert stranger.get(at).status_code == 404
    assert stranger.get(f"{at}/live.json").status_code == 404
    assert stranger.post(f"{at}/{sent[0]}/read").status_code == 404

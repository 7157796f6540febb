"""The form "I saw something", by a browser without script."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import unquote

import pytest
from cast import DENVER

from alerts import console_tables, tips
from alerts.pages import saw, saw_form
from alerts.service import decide, end, submit
from alerts.service import tips as service
from alerts.service.drafting import read_document

WRITTEN = {"what": "A silver car\r\nwith a child", "where": "Exit 12", "when": "at three", "contact": ""}


@pytest.fixture
def alert(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def path(alert) -> str:
    return f"/a/{alert.token}/saw"


def hidden(page) -> dict[str, str]:
    """What the form carries along."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


@pytest.fixture
def filled(house, browser, path):
    """A browser at the form, and what it would send after a while."""
    reader = browser()
    carried = hidden(reader.get(path))
    house.clock.pass_time(seconds=30)
    return reader, WRITTEN | carried


def seen(house, alert):
    return [one.said for one in service.look(house.services, house.submitter, alert.id).found]


def test_the_call_comes_first_on_the_page_and_on_the_form(browser, alert, path):
    for text in (browser().get(f"/a/{alert.token}").text, browser().get(path).text):
        at = text.index('href="tel:')
        assert at < (text.index(f'href="{path}') if f'href="{path}?lang=en">I saw' in text else text.index("<form"))


def test_the_form_names_the_agency_whose_officers_read_it(house, browser, path):
    assert f"It goes to {house.submitter.agency.name} alone" in browser().get(path).text


def test_what_is_sent_reaches_the_agency_and_its_writer_gets_a_reference(house, alert, path, filled):
    reader, form = filled
    answer = reader.post(path, data=form, follow_redirects=False)
    assert answer.status_code == 303
    thanks = reader.get(answer.headers["location"]).text
    [said] = seen(house, alert)
    assert (said.what, said.where, said.contact, said.lon) == ("A silver car\nwith a child", "Exit 12", "", None)
    [row] = house.rows(console_tables.tip)
    assert row.reference in thanks
    assert 'href="tel:' in thanks
    assert "silver" not in thanks


def test_a_form_that_is_sent_twice_is_one_tip(house, path, filled):
    reader, form = filled
    first, again = (reader.post(path, data=form, follow_redirects=False) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert len(house.rows(console_tables.tip)) == 1


def test_all_faults_stand_beside_their_fields_in_one_answer_and_nothing_is_kept(house, path, filled):
    reader, form = filled
    wrong = {
        "what": " ",
        "where": "x" * 201,
        "when": "y" * 101,
        "contact": "z" * 201,
        saw_form.TRAP: "https://spam.example",
    }
    answer = reader.post(path, data=form | wrong)
    assert answer.status_code == 422
    for name in wrong:
        assert f'<a href="#{name}">' in answer.text
        assert f'id="{name}"' in answer.text
    assert "x" * 201 in answer.text
    assert house.rows(console_tables.tip) == []


def test_what_was_written_is_shown_again_as_text_and_never_as_a_page(path, filled):
    reader, form = filled
    page = reader.post(path, data=form | {"what": "</textarea><script>x</script>" + "w" * 1000}).text
    assert "<script>x" not in page
    assert "&lt;/textarea&gt;" in page


def test_who_is_too_quick_presses_once_more_and_loses_nothing(house, browser, path):
    reader = browser()
    form = WRITTEN | hidden(reader.get(path))
    page = reader.post(path, data=form)
    assert page.status_code == 422
    assert "press the button again" in page.text
    house.clock.pass_time(seconds=5)
    assert reader.post(path, data=WRITTEN | hidden(page), follow_redirects=False).status_code == 303


@pytest.mark.parametrize("stamp", ["", "x", "0.aaaaaaaaaaaaaaaa.0", "66666666.aaaaaaaaaaaaaaaa." + "0" * 32])
def test_a_form_that_was_not_ours_is_shown_with_a_key_of_ours(path, filled, stamp):
    reader, form = filled
    page = reader.post(path, data=form | {"form": stamp})
    assert page.status_code == 422
    assert hidden(page)["form"] != stamp


def test_a_tap_marks_the_place_brings_the_map_nearer_and_keeps_what_was_written(house, alert, path, filled):
    reader, form = filled
    middle = {"small.x": "124", "small.y": "93"}
    once = reader.post(f"{path}/place", data=form | middle)
    assert "Exit 12" in once.text
    assert hidden(once)["zoom"] == "1"
    twice = reader.post(f"{path}/place", data=form | hidden(once) | {"wide.x": "280", "wide.y": "210"})
    assert hidden(twice)["zoom"] == "2"
    assert reader.post(path, data=form | hidden(twice), follow_redirects=False).status_code == 303
    [said] = seen(house, alert)
    assert (said.lon, said.lat) == pytest.approx(DENVER, abs=0.01)  # the middle of the area's map


def test_a_mark_is_taken_away_again_and_the_keyboard_marks_nothing(path, filled):
    reader, form = filled
    once = reader.post(f"{path}/place", data=form | {"small.x": "20", "small.y": "20"})
    gone = reader.post(f"{path}/place", data=form | hidden(once) | {"unmark": "1"})
    by_key = reader.post(f"{path}/place", data=form | {"small.x": "0", "small.y": "0"})
    assert "lon" in hidden(once)
    assert "lon" not in hidden(gone)
    assert "lon" not in hidden(by_key)


def test_the_map_is_whole_in_itself_and_no_address_holds_the_place(path, filled):
    reader, form = filled
    page = reader.post(f"{path}/place", data=form | {"small.x": "124", "small.y": "93"})
    drawn = unquote(unescape(re.findall(r'src="data:image/svg\+xml,([^"]*)"', page.text)[0]))
    assert drawn.startswith("<svg xmlns=")
    assert ".m-area{" in drawn
    assert "Here</text>" in drawn
    assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', page.text) if "104" in one]


def test_whoever_taps_without_end_must_wait(monkeypatch, path, filled):
    monkeypatch.setattr(saw, "TAPS_A_MINUTE", 2)
    reader, form = filled
    tap = form | {"small.x": "10", "small.y": "10"}
    assert [reader.post(f"{path}/place", data=tap).status_code for _ in range(3)] == [200, 200, 429]


def test_too_much_of_one_network_is_told_to_call(house, monkeypatch, path, filled):
    monkeypatch.setattr(tips, "A_NETWORK", 1)
    reader, form = filled
    another = form | hidden(reader.get(path))
    house.clock.pass_time(seconds=5)
    assert reader.post(path, data=form, follow_redirects=False).status_code == 303
    answer = reader.post(path, data=another)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Please call instead" in answer.text
    assert "silver car" in answer.text


def test_when_the_alert_is_over_the_form_says_so_and_takes_nothing(house, alert, path, filled):
    reader, form = filled
    sent = reader.post(path, data=form, follow_redirects=False).headers["location"]
    end.cancel(house.services, house.submitter, alert.id)
    assert "<form" not in reader.get(path).text
    for at in (path, f"{path}/place"):
        assert reader.post(at, data=form, follow_redirects=False).status_code == 409
    assert "Thank you" in reader.get(sent).text
    assert 'href="tel:' not in reader.get(sent).text


def test_the_form_speaks_spanish_and_falls_back_to_english(browser, path):
    assert '<html lang="es"' in browser().get(path, headers={"accept-language": "es-US"}).text
    assert '<html lang="en"' in browser().get(path, headers={"accept-language": "tr"}).text
    assert "He visto algo" in browser().get(f"{path}?lang=es").text


def test_no_page_of_it_is_kept_or_loads_anything_of_others(path, filled):
    reader, form = filled
    sent = reader.post(path, data=form)
    for page in (reader.get(path), reader.post(path, data={}), sent):
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text


def test_a_form_of_another_site_is_refused(path, filled):
    reader, form = filled
    for at in (path, f"{path}/place"):
        assert reader.post(at, data=form, headers={"origin": "https://elsewhere.example"}).status_code == 403


def test_what_is_no_alert_and_no_tip_is_not_found(browser, path):
    assert browser().get("/a/nothing/saw").status_code == 404
    assert browser().get(f"{path}/7KQ-M2XH9PA").status_code == 404

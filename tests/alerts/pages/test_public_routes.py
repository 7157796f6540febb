"""The public's pages over HTTP: what is answered, how long it is kept, what is gone when the alert is over."""

from __future__ import annotations

import gzip

import pytest
from visitors import picture

from alerts.pages import render
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document


@pytest.fixture
def in_force(house, make_record):
    """An alert with a photo, approved; its token and the means to end it."""
    import base64
    import json

    record = make_record(photos=[{"base64": base64.b64encode(picture()).decode()}])
    document = read_document(house.services, house.submitter, json.dumps(record).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


def test_the_start_has_three_doors(browser):
    page = browser().get("/").text
    assert all(f'href="{door}"' in page for door in ("/console", "/subscribe", "/operations"))


def test_a_page_travels_compressed_and_is_asked_for_again_each_time(browser, in_force):
    answer = browser().get(f"/a/{in_force.token}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"
    assert "noindex" in answer.headers["x-robots-tag"]


def test_a_page_unchanged_is_not_sent_again(browser, in_force):
    reader = browser()
    tag = reader.get(f"/a/{in_force.token}").headers["etag"]
    assert reader.get(f"/a/{in_force.token}", headers={"if-none-match": tag}).status_code == 304


def test_the_policy_of_the_page_is_not_weakened(browser, in_force):
    policy = browser().get(f"/a/{in_force.token}").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["1.jpg", "1.webp", "1.avif", "1-full.jpg", "1-full.webp", "1-full.avif"])
def test_a_photo_comes_in_two_sizes_and_forms(browser, in_force, name):
    answer = browser().get(f"/a/{in_force.token}/photo/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")


@pytest.mark.parametrize("name", ["2.jpg", "1.png", "0.jpg", "x.jpg", "1-huge.jpg", "²³.jpg", "1"])
def test_a_photo_that_is_none_is_not_found(browser, in_force, name):
    assert browser().get(f"/a/{in_force.token}/photo/{name}").status_code == 404


def test_the_shared_card_is_small_and_changes_when_it_is_over(house, browser, in_force):
    path = f"/a/{in_force.token}/card.jpg"
    before = browser().get(path)
    end.cancel(house.services, house.submitter, in_force.id)
    after = browser().get(path)
    assert len(before.content) < 300_000
    assert before.content != after.content
    assert before.headers["cache-control"] == "public, max-age=300"
    assert after.status_code == 200


def test_once_over_the_page_says_so_and_the_photo_is_gone(house, browser, in_force):
    reader, path = browser(), f"/a/{in_force.token}"
    tag = reader.get(path).headers["etag"]
    state = reader.get(path + "/state").text
    end.cancel(house.services, house.submitter, in_force.id)
    assert "This alert is over" in reader.get(path, headers={"if-none-match": tag}).text
    assert reader.get(path + "/photo/1.jpg").status_code == 404
    assert reader.get(path + "/state").text == "over" != state


def test_an_expired_alert_is_over_though_nobody_said_so(house, browser, in_force):
    house.clock.pass_time(days=3)
    assert "This alert is over" in browser().get(f"/a/{in_force.token}").text


def test_a_token_that_is_none_gets_a_plain_page(browser):
    answer = browser().get("/a/nothing")
    assert answer.status_code == 404
    assert "No alert here" in answer.text


def test_static_files_are_ours_alone_and_kept_for_good_by_digest(browser):
    answer = browser().get(render.static_path("app.css"))
    assert "immutable" in answer.headers["cache-control"]
    for name in ("..%2frender.py", "nothing.css", "%2e%2e", "render.py"):
        assert browser().get(f"/static/{name}").status_code == 404


def test_the_service_worker_stands_at_the_root(browser):
    answer = browser().get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "showNotification" in answer.text


def test_html_with_its_style_and_map_stays_under_12_kib(browser, in_force):
    assert len(gzip.compress(browser().get(f"/a/{in_force.token}").content)) < 12 * 1024


def test_every_route_of_the_pages_carries_a_rule(site):
    from alerts.api.access import list_unruled

    assert list_unruled(site.routes) == []


def test_a_poster_is_printed_and_after_the_end_another_one(house, browser, in_force):
    path = f"/a/{in_force.token}/poster-letter.pdf?lang=es"
    before = browser().get(path)
    end.cancel(house.services, house.submitter, in_force.id)
    after = browser().get(path)
    assert before.headers["content-type"] == "application/pdf"
    assert before.content[:5] == after.content[:5] == b"%PDF-"
    assert len(after.content) < len(before.content)  # the photo is not in it
    assert browser().get(f"/a/{in_force.token}/poster-a3.pdf").status_code == 404

"""What is counted of the public page, and that nobody can be told from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from alerts.schedule import Schedule
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers.tables import look_count

PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile"}
STATIC = Path(__file__).parents[3] / "alerts" / "pages" / "static"


@pytest.fixture
def alert(house, make_record):
    """The public token of an alert in force, and its id for officers."""
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def phone(browser):
    found = browser()
    found.headers.update(PHONE)
    return found


def counted(house):
    Schedule(house.services).write_counts()
    return {(row.way, row.what): row.count for row in house.rows(look_count)}


def test_a_visit_by_a_marked_link_is_counted_and_others_are_not(house, phone, alert):
    for query in ("?c=push", "?c=email", "?c=email&lang=es", ""):
        assert phone.get(f"/a/{alert.token}{query}").status_code == 200
    phone.head(f"/a/{alert.token}?c=push")
    phone.get(f"/a/{alert.token}?c=push", headers={"user-agent": "Slackbot 1.0"})
    phone.get("/a/nobody?c=push")
    assert counted(house) == {("push", "visited"): 1, ("email", "visited"): 2}


def test_opened_and_shared_are_beacons_without_a_cookie(house, phone, alert):
    for what in ("opened", "shared", "shared"):
        answer = phone.post(f"/a/{alert.token}/{what}?c=push")
        assert (answer.status_code, answer.content, "set-cookie" in answer.headers) == (204, b"", False)
    assert counted(house) == {("push", "opened"): 1, ("push", "shared"): 2}


def test_whoever_counts_too_often_is_answered_and_not_counted(house, phone, alert):
    assert {phone.post(f"/a/{alert.token}/opened?c=push").status_code for _ in range(150)} == {204}
    assert 120 <= counted(house)["push", "opened"] < 150


@pytest.mark.parametrize(("times", "shown"), [(9, "fewer than 10"), (10, "10+"), (19, "10+")])
def test_officers_and_operators_see_sums_and_never_small_ones(house, client, phone, alert, signed_in, times, shown):
    for _ in range(times):
        house.services.counts.add(alert.token, "opened", "push", house.clock())
    counted(house)
    for page in (signed_in("operator").get("/operations"), signed_in("submitter").get(f"/console/alerts/{alert.id}")):
        assert f'push-opened">{shown}</dd>' in page.text
    answer = client.get(f"/v1/alerts/{alert.id}/delivery", headers=house.headers("submitter")).json()
    told = {"way": "push", "what": "opened", "count": None if times < 10 else 10, "shown": shown}
    assert answer[0]["attention"] == [told]
    series = 'lookout_attention_total{way="push",what="opened"} 10.0'
    assert (series in client.get("/metrics").text) == (times >= 10)


def test_what_is_counted_is_written_when_the_server_stops(house, alert):
    schedule = Schedule(house.services)
    schedule.start()
    house.services.counts.add(alert.token, "opened", "push", house.clock())
    schedule.stop()
    assert [row.count for row in house.rows(look_count)] == [1]


def test_the_service_worker_may_send_its_beacon_and_nothing_else(phone):
    policy = phone.get("/sw.js").headers["content-security-policy"]
    assert policy == "default-src 'none'; connect-src 'self'"


CLICK = """
const self = globalThis, heard = {}, did = [];
self.addEventListener = (name, act) => (heard[name] = act);
self.location = new URL("https://alerts.example/sw.js");
self.clients = { openWindow: (url) => did.push(["open", url]) };
self.fetch = (url, how) => (did.push([how.method, url, how.credentials]), Promise.resolve());
eval(require("fs").readFileSync(process.argv[1], "utf8"));
for (const url of JSON.parse(process.argv[2]))
  heard.notificationclick({ notification: { close() {}, data: { url } }, waitUntil() {} });
console.log(JSON.stringify(did));
"""


@pytest.mark.skipif(shutil.which("node") is None and not os.environ.get("CI"), reason="no node on this machine")
def test_a_tap_on_a_notification_opens_the_page_and_counts_one_for_all():
    urls = ["https://alerts.example/a/t0ken?c=push", "/", "https://elsewhere.example/a/x"]
    run = ["node", "-e", CLICK, str(STATIC / "sw.js"), json.dumps(urls)]
    done = json.loads(subprocess.run(run, capture_output=True, text=True, check=True, timeout=30).stdout)
    assert done == [
        ["open", urls[0]],
        ["POST", "/a/t0ken/opened?c=push", "omit"],
        ["open", "https://alerts.example/"],
        ["open", urls[2]],
    ]

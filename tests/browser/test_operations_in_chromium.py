"""The operator's screen in a real browser: live, and by keyboard."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cast import DENVER
from test_pages_in_chromium import CHROMIUM, chromium, served, signed_in, visit  # noqa: F401 fixtures

from alerts.pulse import Sample
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from alerts.tables import incident
from notifiers import bits
from notifiers.latency import BUCKETS, Latency
from notifiers.tables import batch, notice, origin
from notifiers.transactions import writing

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="no Chromium on this machine"
)


@pytest.fixture
def running(house, make_record) -> Iterator[Any]:
    """An alert on its way to a dozen people, a receiver that rests, and half an hour's series."""
    house.enrol([DENVER] * 12)
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    for seconds in range(4):
        counts = (0,) * 9 + (seconds * 50,) + (0,) * (BUCKETS - 10)
        sample = Sample(house.clock() + timedelta(seconds=seconds * 5), {(1, "inbox"): Latency(counts)}, 12)
        house.services.pulse.add(sample)
    with writing(house.services.engine) as connection:
        connection.execute(
            origin.update().values(rests=1, why="timeout", closed_until=house.clock() + timedelta(hours=1))
        )
    return left


def test_numbers_change_without_a_reload_and_charts_are_drawn(house, running, signed_in):  # noqa: F811
    page = signed_in("operator").open("/operations")
    page.wait_for_selector('[data-chart="rates"] canvas')
    page.evaluate("window.stays = true")
    with writing(house.services.engine) as connection:
        connection.execute(batch.update().values(n_sent=5, sent=bits.pack(0b11111, 16)))
    page.locator("[data-live='1-sent']").filter(has_text="5").wait_for()
    assert page.evaluate("window.stays") is True


def test_a_recall_by_keyboard_alone(house, running, signed_in):  # noqa: F811
    page = signed_in("operator").open("/operations")
    page.locator("summary", has_text="Recall the alert").focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("ends the whole alert, for good").is_visible()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("h1")
    assert house.rows(incident)[0].ended_why == "cancelled"


def test_a_question_that_is_open_is_not_closed_by_a_change(house, running, signed_in):  # noqa: F811
    page = signed_in("operator").open("/operations")
    page.locator("summary", has_text="Recall the alert").click()
    page.evaluate("window.stays = true")
    with writing(house.services.engine) as connection:
        connection.execute(notice.update().values(paused=True))  # the page has another shape now
        connection.execute(batch.update().values(n_sent=7, sent=bits.pack(0b1111111, 16)))
    page.locator("[data-live='1-sent']").filter(has_text="7").wait_for()
    assert page.evaluate("window.stays") is True
    with page.expect_navigation():
        page.locator("summary", has_text="Recall the alert").click()
    assert page.get_by_text("Paused").first.is_visible()

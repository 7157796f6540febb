"""Deliveries in words and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitors import NOW

from alerts.pages import delivery, measures
from alerts.reports import ChannelDelivery, DeliveryView, Failure
from notifiers.expecting import Expected
from notifiers.model import Tally

TALLY = Tally(planned=100, waiting=20, in_flight=5, sent=70, gone=2, in_doubt=3)
VIEW = DeliveryView(
    7, "t0ken", "alert", 1, 1, "Exercise", "planned", None, None, False, NOW, NOW, 90, 90, TALLY,
    (ChannelDelivery("web_push", TALLY, 12.5, 85, 1400, NOW, NOW, 0),), (Failure("web_push", "410", 2),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state", "act"),
    [
        ({}, "Delivering", "pause"),
        ({"state": "queued", "total": Tally()}, "Matching", "pause"),
        ({"paused": True}, "Paused", "resume"),
        ({"state": "held", "held_why": "many more people"}, "Held", "resume"),
        ({"over": "cancelled"}, "Stopped: cancelled", None),
        ({"total": Tally(planned=1, sent=1)}, "Done", None),
    ],
)
def test_each_state_has_its_word_and_its_button(changes, state, act):
    shown = delivery.panel(replace(VIEW, **changes))
    assert (shown.state, shown.act) == (state, act)


@given(st.lists(st.integers(0, 10**7), min_size=7, max_size=7))
def test_the_bar_is_never_longer_than_the_planned(counts):
    names = ("waiting", "in_flight", "sent", "gone", "refused", "gave_up", "in_doubt")
    total = Tally(planned=sum(counts), **dict(zip(names, counts, strict=True)))
    parts = delivery.bar(total)
    assert sum(width for _, _, width in parts) <= 1000
    assert all(width >= 0 for _, _, width in parts)


def test_live_numbers_have_a_value_for_every_cell_of_the_page():
    found = delivery.live([delivery.panel(VIEW)], NOW)
    assert found["values"]["7-sent"] == "70"
    assert found["values"]["7-web_push-p95"] == "1.4 s"
    assert found["values"]["7-f1"] == "2"
    assert found["values"]["clock"] == "Live · 17:20:00 UTC"


def test_numbers_change_in_place_and_everything_else_loads_the_page_anew():
    before = delivery.shape([delivery.panel(VIEW)])
    more = replace(VIEW, total=replace(TALLY, sent=71, waiting=19))
    assert delivery.shape([delivery.panel(more)]) == before
    assert delivery.shape([delivery.panel(replace(VIEW, paused=True))]) != before


@pytest.mark.parametrize(
    ("milliseconds", "said"), [(None, "\N{EN DASH}"), (85, "85 ms"), (1400, "1.4 s"), (180_000, "3 min")]
)
def test_latency_is_said_as_people_say_it(milliseconds, said):
    assert measures.latency(milliseconds) == said


@pytest.mark.parametrize(("delivered", "shown"), [(0, "\N{EN DASH}"), (1234, "1,234")])
def test_what_has_arrived_stands_beside_what_was_sent_where_a_service_says_it(delivered, shown):
    one = replace(VIEW.channels[0], delivered=delivered)
    cells = delivery.panel(replace(VIEW, channels=(one,))).channels[0].cells
    assert (len(cells), dict(cells)["arrived"]) == (len(delivery.COLUMNS), shown)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ""),
        (Expected(4.0, "fcm", 10_000), ""),
        (
            Expected(99.8, "fcm", 10_000),
            "The last one is expected in about 2 minutes: Firebase (FCM) takes 10,000 a second.",
        ),
        (Expected(30.0, None, 50.0), "The last one is expected in about 30 seconds at the pace so far."),
    ],
)
def test_the_last_one_is_spoken_of_only_where_it_takes_long(found, words):
    assert delivery.expected_words(found) == words

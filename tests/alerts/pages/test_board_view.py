"""The operator's screen in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.board import Board, Provider
from alerts.pages import board_view
from alerts.pulse import Point
from alerts.self_tests import Probe

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MINUTE_AGO = NOW - timedelta(minutes=1)
WELL = Provider("smtp", "email", 1000.0, set_by_hand=False, rests_s=None, why="", open=0)
IDLE = Board(NOW, (), 0, 0, 0.0, 2, 0, (WELL,))
TESTED = Probe("email", "smtp", "alert", MINUTE_AGO, "sent", "", 85)


def cells(board: Board, points=()) -> dict[str, tuple[str, str]]:
    return {key: (value, style) for key, _, value, style in board_view.strip(board, points)}


def test_an_idle_house_is_calm():
    found = cells(IDLE)
    assert (found["b-open"], found["b-workers"], found["b-test"]) == (("0", ""), ("2 (0)", ""), ("none", ""))


def test_what_is_wrong_is_marked():
    ill = replace(WELL, rests_s=30.0, why="timeout", tested=(replace(TESTED, result="late"),))
    found = cells(replace(IDLE, workers=0, oldest_s=1000.0, providers=(ill,)))
    assert {key for key, (_, style) in found.items() if style == "ill"} == {"b-oldest", "b-workers", "b-rest", "b-test"}


def test_an_old_rate_is_not_shown_as_that_of_now():
    point = Point(round(NOW.timestamp()), {"email": 12.0}, (0.1, 0.2, 0.3), 0)
    assert cells(IDLE, (point,))["b-rate"] == ("12", "")
    assert cells(IDLE, (replace(point, at_s=point.at_s - 300),))["b-rate"] == ("0", "")


def test_who_is_ill_stands_first_and_says_why():
    resting = Provider("https://push.example:443", "web_push", 5.0, set_by_hand=True, rests_s=45.0, why="429", open=7)
    first, second = board_view.providers(replace(IDLE, providers=(WELL, resting)))
    assert (first.state, first.limit, first.rate) == ("Rests", "5/s, set by hand", "5")
    assert "too many requests" in first.why
    assert "45 seconds" in first.why
    assert (second.name, second.state) == ("the mail relay", "Well")


def test_a_self_test_says_how_long_ago_and_what_came_of_it():
    failing = replace(TESTED, kind="cancel", result="refused", reason="550", took_ms=None)
    [panel] = board_view.providers(replace(IDLE, providers=(replace(WELL, tested=(TESTED, failing)),)))
    assert [said for _, _, said, _ in panel.tests] == ["85 ms, 60 s ago", "550, 60 s ago"]
    assert panel.state == "Self-test fails"


def test_the_page_is_loaded_anew_when_more_than_numbers_changed():
    older = replace(IDLE, providers=(replace(WELL, open=9),), open=0)
    assert board_view.shape(IDLE, ()) == board_view.shape(older, ())
    assert board_view.shape(IDLE, ()) != board_view.shape(replace(IDLE, workers=0), ())

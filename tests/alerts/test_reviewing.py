"""The public report: nothing in it is about one child."""

from __future__ import annotations

import pytest

from alerts.reviewing import OUTCOMES, Reviewed, report, told
from notifiers.catalogues import NAMES

HIDDEN = "fewer than 10"
FACTS = {"sent": 1234, "p50_s": 0.8, "p90_s": 2.0, "p99_s": None}


def reviewed(safe: int, dead: int = 0) -> list[Reviewed]:
    return [Reviewed("found_safe", "led", FACTS)] * safe + [Reviewed("found_dead", "none", FACTS)] * dead


@pytest.mark.parametrize(
    ("count", "words"), [(0, "none"), (1, HIDDEN), (9, HIDDEN), (10, "10+"), (19, "10+"), (1234, "1,230+")]
)
def test_counts_are_in_tens_and_none_is_below_ten(count, words):
    assert told(count) == words


def test_of_fewer_than_ten_alerts_nothing_is_told_but_that():
    found = report(2026, reviewed(9))
    assert (found.total, found.outcomes, found.parts, found.figures) == (HIDDEN, (), (), ())


def test_a_small_class_and_an_empty_one_look_the_same():
    few, none = report(2026, reviewed(19, dead=1)), report(2026, reviewed(20))
    assert dict(few.outcomes)[OUTCOMES["found_dead"]] == dict(none.outcomes)[OUTCOMES["found_dead"]]


def test_a_small_class_does_not_follow_from_the_others():
    """19 and 1 of 20 are told as 10+ of 20+: it may have been anything from 1 to 19."""
    found = report(2026, reviewed(19, dead=1))
    assert (found.total, dict(found.outcomes)[OUTCOMES["found_safe"]]) == ("20+", "10+")


def test_reach_and_times_are_those_of_the_middle_alert():
    found = dict(report(2026, reviewed(12)).figures)
    assert found == {
        "People told, the middle alert": "1,230+",
        "Seconds until 50 % were told, the middle alert": "1",
        "Seconds until 90 % were told, the middle alert": "2",
    }


@pytest.mark.parametrize("tag", NAMES)
def test_the_report_tells_the_same_in_every_language(tag):
    found = report(2026, reviewed(19, dead=1), tag)
    assert (found.total, found.outcomes[0][1], len(found.figures)) == ("20+", "10+", 3)
    assert found.outcomes[2][1] == found.outcomes[3][1], "one child and none look the same"


def test_thousands_are_parted_as_the_reader_parts_them():
    assert [told(1234, tag) for tag in ("en", "de", "ar")] == ["1,230+", "1.230+", "1,230+"]

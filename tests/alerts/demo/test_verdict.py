"""The verdict: nobody missed, nobody twice, nobody else."""

from __future__ import annotations

import pytest

from alerts.demo.verdict import judge, total

TALLY = {"planned": 2, "sent": 2}


def test_everyone_once_is_right():
    line = judge({"a", "b"}, {"a": 1, "b": 1}, 2, TALLY)
    assert line.ok
    assert (line.expected, line.lost, line.duplicates, line.strangers) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("got", "fault"),
    [({"a": 1}, "lost"), ({"a": 2, "b": 1}, "duplicates"), ({"a": 1, "b": 1, "c": 1}, "strangers")],
)
def test_somebody_missed_twice_or_not_expected_is_wrong(got, fault):
    line = judge({"a", "b"}, got, 2, TALLY)
    assert not line.ok
    assert getattr(line, fault) == 1


def test_a_total_is_the_sum_of_its_lines():
    lines = {"x": judge({"a"}, {"a": 1}, 1, TALLY), "y": judge({"b"}, {}, 1, {"gone": 1})}
    assert (total(lines).expected, total(lines).lost, total(lines).failed) == (2, 1, 1)

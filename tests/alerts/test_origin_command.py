"""`lookout origin`, as an operator calls it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from alerts.cli import main


@pytest.fixture
def lookout(tmp_path):
    def call(*words):
        return CliRunner().invoke(main, ["origin", words[0], "--data", str(tmp_path), "--mode", "sandbox", *words[1:]])

    return call


def test_a_rate_is_set_listed_and_taken_back(lookout):
    assert lookout("rate", "https://push.example:443", "50").exit_code == 0
    assert "50/s, burst 50 (set)\twell" in lookout("list").output
    assert lookout("rate", "https://push.example:443").exit_code == 0
    assert "10000/s, burst 2000\twell" in lookout("list").output


@pytest.mark.parametrize("rate", ["0", "-1", "fast"])
def test_a_rate_that_lets_nothing_through_is_refused(lookout, rate):
    assert lookout("rate", "fcm", "--channel", "fcm", "--", rate).exit_code == 2


def test_one_that_was_never_sent_to_cannot_be_woken(lookout):
    assert lookout("wake", "fcm").exit_code == 2

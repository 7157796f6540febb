"""The message that is measured is what it is said to be."""

from __future__ import annotations

from alerts import checking
from alerts.problems import Policy
from benchmarks import validating


def test_the_message_has_four_kilobytes_and_nothing_wrong() -> None:
    body = validating.message()
    assert 4_000 <= len(body) <= validating.SIZE
    assert checking.check_cap(body, now=validating.NOW, policy=Policy.CORE).problems == ()

"""A crowd's pages: made once a second, and not kept longer."""

from __future__ import annotations

import pytest

from alerts.errors import NotFound
from alerts.pages.memo import KEPT_S, Memo


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_page_is_made_once_within_a_second_and_again_after_it():
    clock, made = Clock(), []
    memo = Memo(clock)

    def make() -> str:
        made.append("page")
        return f"page {len(made)}"

    assert [memo.get("a", make) for _ in range(3)] == ["page 1"] * 3
    clock.now = KEPT_S
    assert memo.get("a", make) == "page 2"


def test_pages_of_different_readers_are_different_pages():
    memo = Memo(Clock())
    assert [memo.get(key, lambda key=key: key) for key in ("en", "es", "en")] == ["en", "es", "en"]


def test_what_could_not_be_made_is_tried_again():
    memo = Memo(Clock())

    def fail() -> str:
        raise NotFound("no such alert")

    with pytest.raises(NotFound):
        memo.get("a", fail)
    assert memo.get("a", lambda: "there") == "there"

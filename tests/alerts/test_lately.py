"""A value that is read once a second."""

from __future__ import annotations

from alerts.lately import Lately


def test_it_is_read_once_a_second_and_at_once_when_it_was_changed():
    now, answers = [0.0], iter("abc")
    lately = Lately("first", clock=lambda: now[0])
    assert [lately.get(answers.__next__) for _ in range(2)] == ["a", "a"]
    now[0] = 1.1
    assert lately.get(answers.__next__) == "b"
    lately.forget()
    assert lately.get(answers.__next__) == "c"


def test_what_cannot_be_read_stays_as_it_was():
    def away() -> str:
        raise OSError("the database is away")

    assert Lately("first").get(away) == "first"

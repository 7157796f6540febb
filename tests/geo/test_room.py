"""Memory for answers is used again, and never while somebody holds the answer."""

from __future__ import annotations

import threading
from collections import deque

import pytest

from geo import room
from geo.room import Room


@pytest.fixture(autouse=True)
def _no_rooms_yet(monkeypatch):
    monkeypatch.setattr(room, "_spare", deque(maxlen=4))


def answer(value, count=20_000):
    ids = Room.of(count)
    ids.ids[:count] = value
    return ids.first(count)


def test_an_answer_that_is_held_stays_as_it_is():
    held = [answer(value) for value in range(10)]
    views = [one[5:10] for one in held]
    del held
    more = [answer(99) for _ in range(10)]
    assert [view.tolist() for view in views] == [[value] * 5 for value in range(10)]
    assert all((one == 99).all() for one in more)


def test_memory_of_a_dropped_answer_is_used_again():
    first = answer(1)
    where = first.ctypes.data
    del first
    assert Room.of(15_000).address == where


def test_memory_that_is_too_small_is_not_taken():
    answer(1, 20_000)
    assert len(Room.of(30_000).ids) >= 30_000


def test_threads_do_not_share_an_answer():
    wrong = []

    def ask(value):
        wrong.extend(value for _ in range(300) if not (answer(value) == value).all())

    threads = [threading.Thread(target=ask, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

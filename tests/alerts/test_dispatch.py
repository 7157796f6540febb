"""The fan-out's thread: told or found due, and one failure does not stop the next."""

from __future__ import annotations

import threading

import pytest

from alerts.dispatch import Dispatcher


@pytest.fixture
def run():
    started = []

    def start(fan_out, due, arrivals=lambda *_: None):
        one = Dispatcher(fan_out, arrivals, due)
        started.append(one)
        one.start()
        return one

    yield start
    for one in started:
        one.stop()


def test_a_notice_found_due_is_fanned_out_without_being_told(run):
    done = threading.Event()
    run(lambda notice_id: done.set(), lambda: [] if done.is_set() else [7])
    assert done.wait(5)


def test_a_failing_notice_does_not_stop_the_one_after_it(run):
    done = threading.Event()

    def fan_out(notice_id):
        if notice_id == 1:
            raise RuntimeError("broken")
        done.set()

    run(fan_out, lambda: [] if done.is_set() else [1, 2])
    assert done.wait(5)


def test_arrivals_are_told_with_their_recipients(run):
    told = []
    done = threading.Event()

    def arrivals(notice_id, recipient_ids):
        told.append((notice_id, list(recipient_ids)))
        done.set()

    run(lambda _: None, list, arrivals).tell_arrivals(3, [4, 5])
    assert done.wait(5)
    assert told == [(3, [4, 5])]


def test_newcomers_beyond_what_can_wait_are_left_to_the_sweep(run, monkeypatch):
    monkeypatch.setattr("alerts.dispatch.MOST_WAITING", 3)
    told, first, go_on = [], threading.Event(), threading.Event()

    def arrivals(notice_id, recipient_ids):
        told.append(notice_id)
        first.set()
        assert go_on.wait(5)

    dispatcher = run(lambda _: None, list, arrivals)
    dispatcher.tell_arrivals(0, [1])
    assert first.wait(5)
    for notice_id in range(1, 9):
        dispatcher.tell_arrivals(notice_id, [1])
    go_on.set()
    dispatcher.stop()
    assert told[0] == 0
    assert len(told) <= 4

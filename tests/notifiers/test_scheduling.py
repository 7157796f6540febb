import os
import sys
import threading

import pytest

from notifiers import scheduling

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")


def on_a_thread(do):
    """The threads of this process stay as they are."""
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


def test_what_is_started_afterwards_takes_long_turns_as_well():
    seen = []

    def look():
        scheduling.take_long_turns()
        seen.append(os.sched_getscheduler(0))
        on_a_thread(lambda: seen.append(os.sched_getscheduler(0)))

    on_a_thread(look)
    assert seen == [os.SCHED_BATCH, os.SCHED_BATCH]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_where_it_is_forbidden_nothing_changes(monkeypatch):
    def forbid(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    scheduling.take_long_turns()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from notifiers.channels.inbox import Inbox
from notifiers.model import Subscription
from notifiers.tables import inbox
from notifiers.transactions import reading


def test_items_are_numbered_in_the_order_in_which_they_can_be_read(world):
    """Else a reader who goes on after the newest number would miss one that was drawn earlier and came later."""
    if world.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    notice_id, drawn, done = world.add(), threading.Event(), []
    people = [
        Subscription(n, one.recipient_id, "inbox", "inbox", {}) for n, one in enumerate(world.enrol(2, ["inbox"]), 1)
    ]

    def write(one, seconds):
        with world.engine.begin() as connection:
            Inbox().settle(connection, notice_id, [one], datetime.now(UTC))
            drawn.set()
            time.sleep(seconds)
            done.append(one.id)

    slow = threading.Thread(target=write, args=(people[0], 0.5))
    slow.start()
    drawn.wait(5)
    write(people[1], 0)
    slow.join()
    with reading(world.engine) as connection:
        in_order = connection.scalars(select(inbox.c.subscription_id).order_by(inbox.c.id)).all()
    assert done == list(in_order) == [1, 2]

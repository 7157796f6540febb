from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from notifiers import attention, tables
from notifiers.attention import FEW, MOST, Attention, Counts
from notifiers.transactions import reading, writing

NOW = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)


def looked(world, times, *, way="push", what="visited", token="an-incident", now=NOW):
    counts = Counts()
    for _ in range(times):
        counts.add(token, what, way, now)
    with writing(world.engine) as connection:
        attention.write(connection, counts.take())


def told(world, notice_id):
    with reading(world.engine) as connection:
        return attention.read(connection, [notice_id]).get(notice_id, ())


@pytest.mark.parametrize(("times", "shown"), [(1, None), (FEW - 1, None), (FEW, FEW), (FEW + 9, FEW), (1234, 1230)])
def test_fewer_than_ten_are_told_to_nobody(world, times, shown):
    notice_id = world.add()
    looked(world, times)
    assert told(world, notice_id) == (Attention("push", "visited", shown),)
    with reading(world.engine) as connection:
        assert attention.read_all(connection) == [Attention("push", "visited", shown)]


def test_counts_add_up_by_notice_way_and_hour(world):
    notice_id = world.add()
    for now in (NOW, NOW + timedelta(minutes=20), NOW + timedelta(minutes=30)):
        looked(world, 7, now=now)
    looked(world, 11, way="email", what="shared")
    with reading(world.engine) as connection:
        rows = connection.execute(
            select(tables.look_count).order_by(tables.look_count.c.hour, tables.look_count.c.way)
        ).all()
    stored = [(row.notice_id, row.way, row.hour.hour, row.count) for row in rows]
    assert stored == [(notice_id, "email", 12, 11), (notice_id, "push", 12, 14), (notice_id, "push", 13, 7)]
    assert told(world, notice_id) == (Attention("email", "shared", 10), Attention("push", "visited", 20))


def test_a_new_version_is_counted_by_itself(world):
    first = world.add()
    looked(world, 12)
    second = world.add(version=2, number=2)
    looked(world, 15)
    assert [told(world, one)[0].count for one in (first, second)] == [10, 10]


def test_the_sum_of_all_does_not_tell_what_is_hidden_of_one(world):
    for version, times in ((1, 12), (2, FEW - 1), (3, 15)):
        world.add(version=version, number=version)
        looked(world, times)
    with reading(world.engine) as connection:
        assert attention.read_all(connection) == [Attention("push", "visited", 20)]


def test_what_is_no_notice_and_no_way_of_ours_makes_no_rows_of_its_own(world):
    notice_id = world.add()
    looked(world, 10, token="unknown")
    looked(world, 10, token="<script>")
    looked(world, 10, way="subscription-4711")
    assert told(world, notice_id) == (Attention("other", "visited", 10),)


def test_memory_is_bounded_and_goes_on_counting_what_it_knows():
    counts = Counts()
    for number in range(MOST + 50):
        counts.add(f"t{number}", "visited", "push", NOW)
    counts.add("t0", "visited", "push", NOW)
    taken = counts.take()
    assert (len(taken), max(taken.values()), len(counts.take())) == (MOST, 2, 0)


def test_threads_lose_no_count():
    counts = Counts()
    crowd = [
        threading.Thread(target=lambda: [counts.add("t", "opened", "push", NOW) for _ in range(500)]) for _ in range(8)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert list(counts.take().values()) == [4000]


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        ({"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"}, False),
        ({"user-agent": "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 40) AppleWebKit/537.36 Chrome/120"}, False),
        ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, True),
        ({"user-agent": "WhatsApp/2.23"}, True),
        ({"user-agent": "facebookexternalhit/1.1"}, True),
        ({"user-agent": "Mozilla/5.0 Firefox/125", "sec-purpose": "prefetch;prerender"}, True),
        ({}, True),
    ],
)
def test_machines_that_say_so_are_not_counted(headers, machine):
    assert attention.is_machine(headers) is machine

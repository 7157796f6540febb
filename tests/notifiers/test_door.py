from __future__ import annotations

import threading

import numpy as np
import pytest
from batches import list_ids

from notifiers import ledger, notices
from notifiers.eligibility import Eligible
from notifiers.ledger import Candidates
from notifiers.model import Kind
from notifiers.transactions import reading, writing


def candidates(ids, channel="push") -> Candidates:
    array = np.array(ids, np.uint32)
    return Candidates(Eligible(array, array, np.zeros(len(array), np.intp), ((channel, "o"),)), np.zeros(len(array)))


def plan(world, notice_id, ids, channel="push"):
    with writing(world.engine) as connection:
        return ledger.plan_once(connection, notice_id, candidates(ids, channel))


def planned_ids(world) -> list[int]:
    with reading(world.engine) as connection:
        return sorted(id_ for ids in list_ids(connection) for id_ in ids)


def test_whoever_was_planned_is_not_planned_again(world):
    notice_id = world.add()
    assert plan(world, notice_id, [3, 1, 2]) == 3
    assert plan(world, notice_id, [2, 3, 4]) == 1
    assert plan(world, notice_id, [1, 2, 3, 4]) == 0
    assert planned_ids(world) == [1, 2, 3, 4]


def test_one_who_comes_twice_at_once_is_planned_once(world):
    assert plan(world, world.add(), [7, 7, 8]) == 2
    assert planned_ids(world) == [7, 8]


def test_a_larger_area_of_the_same_version_plans_only_newcomers(world):
    plan(world, world.add(), [1, 2])
    assert plan(world, world.add(number=2, kind=Kind.UPDATE), [1, 2, 3]) == 1


def test_a_new_version_tells_everybody_anew(world):
    plan(world, world.add(), [1, 2])
    assert plan(world, world.add(number=2, version=2, kind=Kind.UPDATE), [1, 2, 3]) == 3


def test_the_same_number_on_another_channel_is_somebody_else(world):
    notice_id = world.add()
    plan(world, notice_id, [1], "push")
    assert plan(world, notice_id, [1], "email") == 1


@pytest.mark.parametrize("end", ["over", "held"])
def test_nothing_is_planned_for_a_notice_that_may_not_leave(world, end):
    notice_id = world.add()
    with writing(world.engine) as connection:
        if end == "over":
            notices.set_over(connection, 1, "cancelled")
        else:
            notices.hold(connection, notice_id, "Look at it.")
    assert plan(world, notice_id, [1, 2]) is None
    assert planned_ids(world) == []


def test_a_transaction_that_fails_plans_nobody(world):
    notice_id = world.add()
    with pytest.raises(ZeroDivisionError), writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates([1, 2]))
        raise ZeroDivisionError
    assert plan(world, notice_id, [1, 2]) == 2


def test_many_fan_outs_at_the_same_time_are_one(world):
    notice_id = world.add()
    start = threading.Barrier(4)
    planned = []

    def fan_out():
        start.wait()
        planned.extend(plan(world, notice_id, range(n, n + 50)) for n in range(1, 501, 25))

    threads = [threading.Thread(target=fan_out) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(planned) == len(planned_ids(world)) == len(set(planned_ids(world))) == 525

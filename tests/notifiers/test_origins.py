"""The shared bucket and breaker, on a real ledger: two workers' allowances beside each other."""

from __future__ import annotations

import pytest
from scripted import act, planned

from notifiers import ledger, origins
from notifiers.clock import database_now
from notifiers.ledger import Want
from notifiers.origins import KEEP_S, Allowance, Known, Report
from notifiers.transactions import writing

LANE = ("push", "http://127.0.0.1:9")
NAME = LANE[1]


@pytest.fixture
def connection(world):
    with writing(world.engine) as found:
        origins.ensure(found, [LANE])
        yield found


def limit(connection, rate_per_s, burst):
    origins.set_rate(connection, NAME, "push", rate_per_s, burst)


def draw(connection, worker, wanted, reports=None):
    now = database_now(connection)
    known = worker.open_turn(connection, {}, reports or {}, now)
    return worker.ration(connection, LANE, wanted, now), known


def test_two_workers_together_get_no_more_than_the_burst(connection):
    limit(connection, 0.001, 30)
    anna, bert = Allowance(), Allowance()
    assert [draw(connection, one, 20)[0] for one in (anna, bert, anna, bert)] == [20, 10, 0, 0]


def test_what_is_not_used_within_a_second_is_lost(connection):
    limit(connection, 100, 100)
    now_s = [0.0]
    anna = Allowance(clock=lambda: now_s[0])
    assert draw(connection, anna, 60)[0] == 60
    anna.give_back(LANE, 60)
    now_s[0] = KEEP_S
    assert draw(connection, anna, 60)[0] <= 45  # what is left in the bucket, and a little that came in


def test_what_did_not_start_is_there_for_the_next(connection):
    limit(connection, 0.001, 10)
    anna = Allowance()
    assert draw(connection, anna, 10)[0] == 10
    anna.give_back(LANE, 4)
    assert draw(connection, anna, 10)[0] == 4


def test_a_batch_of_an_origin_without_tokens_is_passed_over(world):
    planned(world, 10)
    act(world, origins.set_rate, NAME, "push", 0.001, 4)
    want = Want("anna", ("push",), 8, 10.0)
    with writing(world.engine) as connection:
        first = ledger.claim(connection, want, Allowance().ration)
    assert len(first.starts) == 4
    world.receiver = "http://127.0.0.1:10"
    planned(world, 3, incident_id=2)
    with writing(world.engine) as connection:
        found = [ledger.claim(connection, want, Allowance().ration) for _ in range(4)]
    assert {one.origin for one in found if one} == {world.receiver}


def test_one_worker_closes_an_origin_for_all(connection):
    anna, bert = Allowance(), Allowance()
    draw(connection, anna, 5, {NAME: Report(0.0, "503")})
    assert draw(connection, bert, 5)[0] == 0
    assert bert.open_turn(connection, {LANE: 5}, {}, database_now(connection))[NAME].closed_s > 0.5


def test_what_several_workers_find_at_the_same_time_is_one_rest(connection):
    for worker in (Allowance(), Allowance(), Allowance()):
        _count, known = draw(connection, worker, 0, {NAME: Report(0.0, "503")})
    assert known[NAME].rests == 1


def rest_is_over(connection):
    connection.execute(origins.origin.update().values(closed_until=database_now(connection)))


def test_after_a_rest_one_single_send_of_all_workers_tries(connection):
    anna, bert = Allowance(), Allowance()
    draw(connection, anna, 5, {NAME: Report(0.0, "503")})
    rest_is_over(connection)
    assert [draw(connection, one, 5)[0] for one in (bert, anna, bert)] == [1, 0, 0]


def test_a_failed_trial_rests_longer_and_a_good_one_opens_for_all(connection):
    anna = Allowance()
    draw(connection, anna, 5, {NAME: Report(0.0, "503")})
    rest_is_over(connection)
    assert draw(connection, anna, 5)[0] == 1
    _count, known = draw(connection, anna, 5, {NAME: Report(0.0, "503", trial=True)})
    assert known[NAME].rests == 2
    assert 1.5 < known[NAME].closed_s <= 2.0
    assert draw(connection, anna, 5, {NAME: Report(None)}) == (5, {NAME: Known()})


def test_a_trial_that_finds_nobody_to_send_to_is_left_to_others(connection):
    anna, bert = Allowance(), Allowance()
    draw(connection, anna, 5, {NAME: Report(0.0, "503")})
    rest_is_over(connection)
    assert draw(connection, anna, 5)[0] == 1
    anna.give_back(LANE, 1)
    assert anna.close_turn(connection) == frozenset()
    assert draw(connection, bert, 5)[0] == 1


def test_an_operator_wakes_what_rests(connection):
    draw(connection, Allowance(), 5, {NAME: Report(30.0, "401")})
    assert origins.wake(connection, NAME)
    assert draw(connection, Allowance(), 5)[0] == 5
    assert not origins.wake(connection, "http://nobody")


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_that_lets_nothing_through_is_refused(connection, rate):
    with pytest.raises(ValueError, match="rate"):
        limit(connection, rate, None)

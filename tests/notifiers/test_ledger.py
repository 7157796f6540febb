from __future__ import annotations

import time
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from notifiers import fanout, ledger, notices, tables
from notifiers.clock import database_now
from notifiers.ledger import Settled, Standing, Turn, Want
from notifiers.model import Kind, Outcome, Result
from notifiers.transactions import reading, writing

SENT, LATER, UNSENT = Outcome(Result.SENT, "201"), Outcome(Result.LATER, "503"), Outcome(Result.UNSENT, "refused")
IN_DOUBT = Outcome(Result.IN_DOUBT, "timeout")


@pytest.fixture
def desk(world):
    return Desk(world)


class Desk:
    """A worker's moves, one transaction each."""

    def __init__(self, world) -> None:
        self.world = world

    def planned(self, people: int = 10, **changes) -> int:
        self.world.enrol(people)
        notice_id = self.world.add(**changes)
        fanout.run(self.world.engine, self.world.vault, self.world.map, notice_id)
        return notice_id

    def claim(self, window: int = 4, lease_s: float = 60, worker: str = "anna"):
        with writing(self.world.engine) as connection:
            return ledger.claim(connection, Want(worker, ("push",), window, lease_s))

    def tell(self, claim, outcomes=(), *, collapses: bool = True, **turn):
        with writing(self.world.engine) as connection:
            now = database_now(connection)
            settled = [Settled(position, outcome, now) for position, outcome in dict(outcomes).items()]
            return ledger.checkpoint(connection, claim, Turn(settled, **turn), collapses=collapses, rng=Random(1))

    def takeover(self, *, collapses: bool = True) -> int:
        with writing(self.world.engine) as connection:
            return ledger.takeover(connection, {"push": collapses})

    def tally(self, notice_id: int):
        with reading(self.world.engine) as connection:
            return ledger.tally(connection, notice_id)["push"]

    def told(self, below_version: int = 9) -> set[int]:
        with reading(self.world.engine) as connection:
            return set(ledger.told(connection, 1, below_version=below_version).tolist())

    def confirm(self, *claims):
        with reading(self.world.engine) as connection:
            return ledger.confirm(connection, claims)

    def do(self, function, *arguments, **named):
        with writing(self.world.engine) as connection:
            return function(connection, *arguments, **named)


def test_what_may_start_stands_in_the_ledger_before_it_may(desk):
    notice_id = desk.planned(10)
    claim = desk.claim(window=4)
    assert claim.starts == (0, 1, 2, 3)
    assert (desk.tally(notice_id).in_flight, desk.tally(notice_id).waiting) == (4, 6)


def test_a_checkpoint_records_and_lets_the_next_start(desk):
    notice_id = desk.planned(10)
    claim = desk.claim(window=4)
    progress = desk.tell(claim, {0: SENT, 1: SENT}, room=3)
    assert (progress.sent, progress.starts, progress.open) == ((0, 1), (4, 5, 6), True)
    assert (desk.tally(notice_id).sent, desk.tally(notice_id).in_flight) == (2, 5)


def test_a_batch_whose_last_position_settles_is_done(desk):
    notice_id = desk.planned(2)
    claim = desk.claim()
    assert not desk.tell(claim, {0: SENT, 1: Outcome(Result.GONE, "410")}).open
    assert (desk.tally(notice_id).open, desk.tally(notice_id).gone) == (0, 1)
    assert desk.claim() is None


def test_a_claimed_batch_is_nobody_else_s(desk):
    desk.planned(10)
    assert desk.claim(worker="anna") is not None
    assert desk.claim(worker="bert") is None


def test_recording_twice_is_recording_once(desk):
    notice_id = desk.planned(10)
    claim = desk.claim()
    desk.tell(claim, {0: SENT, 1: LATER})
    desk.tell(claim, {0: SENT, 1: LATER})
    assert (desk.tally(notice_id).sent, desk.tally(notice_id).in_flight) == (1, 2)


def test_what_a_worker_never_learned_to_be_in_flight_waits_again(desk):
    notice_id = desk.planned(10)
    claim = desk.claim(window=2)
    desk.tell(claim, {0: SENT}, room=5)  # the commit came through, the worker did not hear of it
    progress = desk.tell(claim, {0: SENT}, known={0, 1}, room=0)
    assert progress.open
    assert desk.tally(notice_id).in_flight == 1


def test_who_lost_the_fence_changes_nothing(desk):
    notice_id = desk.planned(10)
    lost = desk.claim(lease_s=-1, worker="anna")
    assert desk.takeover() == 1
    before = desk.tally(notice_id)
    assert desk.tell(lost, dict.fromkeys(range(4), SENT), room=4) is None
    assert desk.tally(notice_id) == before


def test_a_lease_that_ran_out_unnoticed_may_still_be_told(desk):
    notice_id = desk.planned(10)
    slow = desk.claim(lease_s=-1)
    assert desk.confirm(slow) == {}
    assert desk.tell(slow, {0: SENT}).sent == (0,)
    assert desk.tally(notice_id).sent == 1


def test_a_running_lease_is_not_taken_over(desk):
    desk.planned(10)
    desk.claim(lease_s=60)
    assert desk.takeover() == 0


def test_in_flight_of_the_dead_is_repeated_and_counted_where_repeats_collapse(desk):
    notice_id = desk.planned(10)
    desk.claim(lease_s=-1)
    desk.takeover(collapses=True)
    assert (desk.tally(notice_id).waiting, desk.tally(notice_id).in_flight) == (10, 0)
    with reading(desk.world.engine) as connection:
        assert ledger.repeats(connection, notice_id) == 4
        assert [(one.reason, one.count, one.waiting) for one in ledger.failures(connection, notice_id)] == [
            ("worker_died", 4, True)
        ]
    assert desk.claim(window=10).starts == tuple(range(10))


def test_in_flight_of_the_dead_ends_in_doubt_where_repeats_do_not_collapse(desk):
    notice_id = desk.planned(10)
    desk.claim(lease_s=-1)
    desk.takeover(collapses=False)
    assert (desk.tally(notice_id).waiting, desk.tally(notice_id).in_doubt) == (6, 4)
    assert desk.claim(window=10).starts == tuple(range(4, 10))


def test_what_failed_is_tried_again_at_its_time_and_not_before(desk):
    desk.planned(2)
    claim = desk.claim()
    desk.tell(claim, {0: Outcome(Result.LATER, "429", 3600 / 2), 1: SENT})
    assert desk.claim() is None


def test_what_may_be_tried_at_once_is_claimed_again_with_its_history(desk):
    notice_id = desk.planned(2)
    claim = desk.claim()
    desk.tell(claim, {0: SENT, 1: Outcome(Result.IN_DOUBT, "timeout", 0.0)})
    with reading(desk.world.engine) as connection:
        assert ledger.failures(connection, notice_id)[0].reason == "timeout"
    assert desk.tally(notice_id).waiting == 1


def test_a_position_sent_after_all_leaves_no_trace_of_trouble(desk):
    notice_id = desk.planned(1)
    desk.claim(lease_s=-1)
    desk.takeover()
    desk.tell(desk.claim(), {0: SENT})
    with reading(desk.world.engine) as connection:
        assert ledger.failures(connection, notice_id) == []
    assert desk.tally(notice_id).sent == 1


def test_retries_end_with_the_alert(desk):
    notice_id = desk.planned(1, expires_at=desk.world.notice().sent_at + timedelta(minutes=1))
    desk.tell(desk.claim(), {0: Outcome(Result.LATER, "429", 600.0)})
    assert desk.tally(notice_id).gave_up == 1


def test_what_was_never_started_goes_back_without_a_mark(desk):
    notice_id = desk.planned(4)
    assert not desk.tell(desk.claim(), returned=[0, 1, 2, 3]).open
    assert desk.tally(notice_id).waiting == 4
    assert desk.claim().starts == (0, 1, 2, 3)


def test_nothing_more_starts_once_the_notice_is_over_and_what_waits_is_dropped(desk):
    notice_id = desk.planned(10)
    claim = desk.claim(window=4)
    desk.world.cancel()
    assert desk.confirm(claim) == {claim.batch_id: Standing.OVER}
    progress = desk.tell(claim, {0: SENT}, returned=[1], room=100)
    assert (progress.standing, progress.starts) == (Standing.OVER, ())
    after = desk.tally(notice_id)
    assert (after.sent, after.in_flight, after.dropped, after.waiting) == (1, 2, 7, 0)
    assert not desk.tell(claim, {2: SENT, 3: LATER}).open
    assert (desk.tally(notice_id).dropped, desk.tally(notice_id).open) == (8, 0)


def test_an_end_drops_all_that_nobody_holds(desk):
    notice_id = desk.planned(10)
    assert desk.do(notices.set_over, 1, "expired") == [notice_id]
    assert (desk.tally(notice_id).dropped, desk.tally(notice_id).open) == (10, 0)
    assert desk.claim() is None


def test_an_alert_past_its_time_is_not_claimed_even_before_a_sweep(desk):
    desk.planned(10, expires_at=desk.world.notice().sent_at + timedelta(milliseconds=700))
    claim = desk.claim(window=2)
    time.sleep(0.75)
    assert desk.tell(claim, {0: SENT}, room=5).standing is Standing.OVER
    assert desk.claim() is None


def test_a_paused_notice_starts_nothing_and_loses_nothing(desk):
    notice_id = desk.planned(10)
    claim = desk.claim(window=4)
    desk.do(notices.pause, notice_id)
    assert desk.tell(claim, {0: SENT}, returned=[1, 2, 3], room=9).starts == ()
    assert (desk.claim(), desk.tally(notice_id).waiting) == (None, 9)
    desk.do(notices.resume, notice_id)
    assert desk.claim(window=20).starts == tuple(range(1, 10))


def test_who_may_have_been_told_are_sent_in_doubt_in_flight_and_doubted(desk):
    desk.planned(6)
    claim = desk.claim(window=4, lease_s=-1)
    ids = [int(id_) for id_ in claim.ids]
    desk.tell(claim, {0: SENT, 1: IN_DOUBT, 2: LATER})
    assert desk.told() == {ids[0], ids[1], ids[3]}
    desk.takeover()
    desk.do(notices.set_over, 1, "cancelled")
    assert desk.told() == {ids[0], ids[1], ids[3]}


def test_the_doubted_end_in_doubt_when_the_alert_is_cancelled(desk):
    notice_id = desk.planned(6)
    desk.claim(window=4, lease_s=-1)
    desk.takeover()
    desk.world.cancel()
    assert (desk.tally(notice_id).in_doubt, desk.tally(notice_id).dropped) == (4, 2)


def test_a_cancel_does_not_overtake_an_alert_that_a_worker_still_holds(desk):
    desk.planned(10)
    held = desk.claim(window=4)
    cancel_id = desk.world.cancel()
    fanout.run(desk.world.engine, desk.world.vault, desk.world.map, cancel_id)
    assert desk.claim(worker="bert") is None
    desk.tell(held, dict.fromkeys(range(4), SENT))
    assert desk.claim(worker="bert").notice_id == cancel_id


def test_an_enlarged_area_need_not_wait_for_the_first_one(desk):
    desk.planned(10)
    desk.claim(window=4)
    desk.world.enrol(5)
    second = desk.world.add(number=2, kind=Kind.UPDATE)
    fanout.run(desk.world.engine, desk.world.vault, desk.world.map, second)
    assert desk.tally(second).planned == 5
    assert desk.claim().notice_id == second


def test_an_idle_worker_sees_that_there_is_nothing_without_a_lock(desk):
    want = Want("anna", ("push",), 4, 60)
    with reading(desk.world.engine) as connection:
        assert not ledger.claimable(connection, want)
    desk.planned(4)
    with writing(desk.world.engine), reading(desk.world.engine) as connection:
        assert ledger.claimable(connection, want)


def test_a_resting_origin_is_passed_over(desk):
    desk.planned(4)
    with writing(desk.world.engine) as connection:
        assert ledger.claim(connection, Want("anna", ("push",), 4, 60, ("http://127.0.0.1:9",))) is None


def test_latency_is_counted_from_the_approval(desk):
    notice_id = desk.planned(4)
    desk.tell(desk.claim(), dict.fromkeys(range(3), SENT))
    with reading(desk.world.engine) as connection:
        latency = ledger.latency(connection, notice_id)["push"]
    assert latency.total == 3
    assert 0 < latency.quantile_s(0.95) < 60


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_whose_clock_is_wrong_tells_no_wrong_times(desk, hours):
    notice_id = desk.planned(2)
    claim = desk.claim()
    with writing(desk.world.engine) as connection:
        now = database_now(connection)
        wrong = now + timedelta(hours=hours)
        settled = [Settled(0, SENT, wrong), Settled(1, LATER, wrong)]
        turn = Turn(settled, rest_s=5.0, at=wrong)
        ledger.checkpoint(connection, claim, turn, collapses=True, rng=Random(1))
        row = connection.execute(select(tables.batch)).one()
        waits = connection.execute(select(tables.exception)).one()
        assert ledger.latency(connection, notice_id)["push"].within(60) == 1
    assert abs(row.last_sent_at - now) < timedelta(seconds=1)
    assert now <= waits.next_at < now + timedelta(seconds=10)
    assert now < row.next_at < now + timedelta(seconds=10)


def claim_some(desk, **bounds):
    want = Want("anna", ("push",), bounds.pop("window", 256), 60, **bounds)
    with writing(desk.world.engine) as connection:
        return ledger.claim_some(connection, want)


def three_batches(desk) -> None:
    for incident_id in (1, 2, 3):
        desk.planned(4 * incident_id, incident_id=incident_id)


def test_several_batches_are_claimed_at_once_and_start_no_more_than_the_window(desk):
    three_batches(desk)
    claims = claim_some(desk, window=10, batches=3)
    assert len({one.batch_id for one in claims}) == len(claims) > 1
    assert sum(len(one.starts) for one in claims) == 10
    assert set(desk.confirm(*claims)) == {one.batch_id for one in claims}


def test_no_more_batches_are_claimed_than_wanted_nor_more_of_an_origin_than_it_may_have(desk):
    three_batches(desk)
    assert len(claim_some(desk, batches=3, per_origin=2, jobs={"http://127.0.0.1:9": 1})) == 1
    assert len(claim_some(desk, batches=1)) == 1
    assert len(claim_some(desk, batches=8)) == 1
    assert claim_some(desk, batches=8) == []


def test_an_origin_starts_no_more_in_all_its_batches_than_it_has_earned(desk):
    three_batches(desk)
    claims = claim_some(desk, batches=3, newcomer=6)
    assert sum(len(one.starts) for one in claims) == 6

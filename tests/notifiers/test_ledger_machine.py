"""The ledger under any order of claims, outcomes, deaths, ends and re-plannings: what must hold, holds after every step."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, insert, select

from notifiers import ledger, tables
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.ledger import Candidates, Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.packing import unpack

WINDOW = 5
RESULTS = (
    Result.SENT,
    Result.GONE,
    Result.REFUSED,
    Result.LATER,
    Result.UNSENT,
    Result.IN_DOUBT,
    Result.OURS,
    Result.DROPPED,
)
HOUR_US = 3_600_000_000


class Deliveries(RuleBasedStateMachine):
    """`arrived` counts what reached each subscription; a dead worker's sends may or may not have arrived."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.connection = engine.connect()  # one transaction that is never committed
        self.claims: dict[int, tuple] = {}
        self.arrived: Counter[int] = Counter()
        self.deaths = 0
        self.over = False
        self.wanted: set[int] = set()
        now = database_now(self.connection)
        self._notice = {
            "id": 1, "incident_id": 1, "incident": "x", "version": 1, "number": 1, "kind": "alert", "status": "Actual",
            "state": "planned", "paused": False, "approved_at": now, "area_digest": "", "reach": 9, "sealed": b"",
            "expires_at": now.replace(year=now.year + 1),
        }  # fmt: skip
        self.connection.execute(insert(tables.notice).values(**self._notice))

    @rule(ids=st.sets(st.integers(1, 40), min_size=1, max_size=20), two=st.booleans())
    def plan(self, ids, two):
        """Arrivals, restarts and two fan-outs at once are all this: candidates at the door."""
        array = np.array(sorted(ids), np.uint32)
        lane = (array % 2).astype(np.intp) if two else np.zeros(len(array), np.intp)
        chosen = Eligible(array, array, lane, (("push", "a"), ("push", "b")))
        planned = ledger.plan_once(self.connection, 1, Candidates(chosen, array.astype(float)))
        if self.over:
            assert planned is None
        else:
            assert planned == len(ids - self.wanted)
            self.wanted |= ids

    @rule(window=st.integers(1, WINDOW))
    def claim(self, window):
        claim = ledger.claim(self.connection, Want("w", ("push",), window, 3600))
        if claim is not None:
            assert not self.over
            self.claims[claim.batch_id] = (claim, set(claim.starts))

    @rule()
    def requeue(self):
        """An operator sends again what was refused; what is over stays as it is."""
        assert (ledger.requeue(self.connection, 1, "x") is None) == self.over
        assert not ledger.requeue(self.connection, 1, "x")

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), room=st.integers(0, WINDOW), collapses=st.booleans())
    def tell(self, data, room, collapses):
        claim, in_flight = self.claims[data.draw(st.sampled_from(sorted(self.claims)))]
        ended = data.draw(st.sets(st.sampled_from(sorted(in_flight))))
        outcomes = {position: data.draw(st.sampled_from((None, *RESULTS))) for position in ended}
        now = database_now(self.connection)
        settled = [Settled(position, Outcome(result, "x", 0.0), now) for position, result in outcomes.items() if result]
        for one in settled:
            self.arrived[int(claim.ids[one.position])] += one.outcome.result in {Result.SENT, Result.IN_DOUBT}
        returned = [position for position, result in outcomes.items() if result is None]
        turn = Turn(settled, returned, max(0, min(room, WINDOW - len(in_flight - ended))), 0.0, in_flight)
        progress = ledger.checkpoint(self.connection, claim, turn, collapses=collapses, rng=Random(1))
        assert progress is not None
        in_flight -= ended
        in_flight |= set(progress.starts)
        assert progress.open == bool(in_flight)
        if not in_flight:
            del self.claims[claim.batch_id]

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), collapses=st.booleans())
    def die(self, data, collapses):
        """A worker is killed with its sends under way; its lease runs out; somebody takes its batch over."""
        batch_id = data.draw(st.sampled_from(sorted(self.claims)))
        claim, in_flight = self.claims.pop(batch_id)
        for position in in_flight:
            self.arrived[int(claim.ids[position])] += data.draw(st.booleans())
        expired = database_now(self.connection).replace(year=2000)
        batch = tables.batch
        self.connection.execute(batch.update().where(batch.c.id == batch_id).values(lease_until=expired))
        assert ledger.takeover(self.connection, {"push": collapses}) == 1
        assert ledger.checkpoint(self.connection, claim, Turn(), collapses=True, rng=Random(1)) is None
        self.deaths += 1

    @precondition(lambda self: self.wanted)
    @rule(data=st.data(), result=st.sampled_from((Result.SENT, Result.GONE, Result.REFUSED)))
    def report(self, data, result):
        """A provider says, before or after the worker, what became of a send; saying it again changes nothing."""
        batch, ids = tables.batch, tables.batch_ids
        rows = {row.id: row for row in self.connection.execute(select(batch, ids.c.subscription_ids).join(ids))}
        batch_id = data.draw(st.sampled_from(sorted(rows)))
        everyone = unpack(rows[batch_id].subscription_ids, rows[batch_id].size)
        position = data.draw(st.integers(0, len(everyone) - 1))
        said = (batch_id, position, Outcome(result, "x"), database_now(self.connection))
        told = ledger.receipt(self.connection, *said)
        assert ledger.receipt(self.connection, *said) is None
        if told is None:
            return
        assert told.subscription_id == everyone[position]
        arrived = max(1, self.arrived[told.subscription_id]) if result is Result.SENT else 0
        self.arrived[told.subscription_id] = arrived
        claim, in_flight = self.claims.get(batch_id, (None, set()))
        in_flight.discard(position)
        if claim and not in_flight:
            assert not ledger.checkpoint(self.connection, claim, Turn(), collapses=True, rng=Random(1)).open
            del self.claims[batch_id]

    @precondition(lambda self: self.wanted)
    @rule()
    def time_passes(self):
        """All waits are over."""
        early = database_now(self.connection).replace(year=2000)
        waits = tables.exception
        self.connection.execute(waits.update().where(waits.c.next_at.is_not(None)).values(next_at=early))
        self.connection.execute(tables.batch.update().values(next_at=early))

    @precondition(lambda self: not self.over and len(self.wanted) > 8)
    @rule(why=st.sampled_from(("cancelled", "expired", "superseded")))
    def end(self, why):
        self.connection.execute(tables.notice.update().values(over=why))
        ledger.drop(self.connection, 1)
        self.over = True
        self.told_at_end = self._told()

    @invariant()
    def the_states_add_up_to_what_was_planned(self):
        tally = ledger.tally(self.connection, 1).get("push")
        if tally is None:
            assert not self.wanted
            return
        assert tally.planned == len(self.wanted)
        assert tally.in_flight == sum(len(in_flight) for _, in_flight in self.claims.values())
        assert tally.waiting >= 0
        assert not (self.over and not self.claims and tally.open)
        finals = (tally.sent, tally.gone, tally.refused, tally.gave_up, tally.dropped, tally.in_doubt)
        assert tally.planned == tally.waiting + tally.in_flight + sum(finals)
        assert sum(ledger.drops(self.connection, 1).get("push", {}).values()) == tally.dropped

    @invariant()
    def before_the_end_only_who_left_is_dropped_and_after_it_the_reason_is_that_of_the_end(self):
        why = ledger.drops(self.connection, 1).get("push", {})
        over = self.connection.scalar(select(tables.notice.c.over))
        assert {word for word, count in why.items() if count} <= {"left", over}
        assert all(count >= 0 for count in why.values())

    @invariant()
    def whoever_was_reached_counts_as_told_or_gone(self):
        rows = self.connection.execute(
            select(tables.batch_ids.c.subscription_ids, tables.batch.c.gone, tables.batch.c.size).join(tables.batch)
        )
        gone = {
            int(unpack(row.subscription_ids, row.size)[position])
            for row in rows
            for position in range(row.size)
            if int.from_bytes(row.gone, "little") >> position & 1
        }
        reached = {id_ for id_, count in self.arrived.items() if count}
        assert reached <= self._told() | gone

    @invariant()
    def nobody_new_is_told_after_the_end(self):
        if self.over:
            assert self._told() <= self.told_at_end

    @invariant()
    def what_arrived_twice_was_counted_as_a_possible_repeat(self):
        again = sum(count - 1 for count in self.arrived.values() if count > 1)
        assert again <= ledger.repeats(self.connection, 1)

    def _told(self) -> set[int]:
        return set(ledger.told(self.connection, 1, below_version=2).tolist())

    def teardown(self) -> None:
        self.connection.close()


def test_whatever_happens_nothing_is_lost_and_the_states_add_up(engine):
    slow = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(
        lambda: Deliveries(engine), settings=settings(max_examples=40, stateful_step_count=25, **slow)
    )

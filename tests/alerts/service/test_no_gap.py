"""Between match and watch nobody is missed and nobody told twice: a change committed before or after every step, by
this server, by another one on the same database, or by one that dies right after its commit.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from batches import list_ids
from cast import BOTH, DENVER, FAR_AWAY

from alerts.database import make_engine
from alerts.map_file import build
from alerts.service import arrivals, end, people
from geo import store as positions
from geo.shapes import from_circle
from geo.watch import Watch
from notifiers import addresses, choosing, fanout, notices, seen, subscriptions
from notifiers.fanout import IndexBehind
from notifiers.labels import Labels
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import subscription
from notifiers.transactions import reading, writing

INSIDE = 10  # of whom the approver knows: a fifth more would hold the notice


@pytest.fixture
def other(house):
    """A second server on the same database: its own connections, map and watch."""
    engine = make_engine(house.services.settings.engine_url)
    second = replace(
        house.services,
        engine=engine,
        index=build(engine),
        watch=Watch(),
        labels=Labels(),
        following=threading.Lock(),
        fan_out=lambda notice_id: fanout.run(engine, second.vault, second.index, notice_id, second_follows),
        arrivals=lambda notice_id, ids: fanout.plan_for(engine, notice_id, ids),
    )
    second_follows = lambda: arrivals.follow(second)  # noqa: E731
    yield second
    engine.dispose()


def planned(house) -> list[list[int]]:
    with reading(house.services.engine) as connection:
        return list_ids(connection)


@pytest.fixture
def told(house):
    """How often each recipient was planned."""

    def count() -> Counter[int]:
        owner = {row.id: row.recipient_id for row in house.rows(subscription)}
        return Counter(owner[id_] for ids in planned(house) for id_ in ids)

    return count


# what happens, done by whom; each answers who is to be told because of it


def enters(house, traveller, services):
    people.move(services, traveller, *DENVER)
    return traveller


def enters_and_its_server_dies(house, traveller, services):
    with writing(services.engine) as connection:
        positions.place(connection, [positions.Position(traveller, *DENVER)], services.clock())
    return traveller


def signs_up_and_its_server_dies(house, traveller, services):
    now = services.clock()
    one = NewSubscription("inbox", {}, "en", "test", "I agree.", now, now)
    with writing(services.engine) as connection:
        secret = addresses.secret(services.vault)
        [done] = subscriptions.enrol(connection, [Enrolment("partner", True, "", [one])], secret=secret, now=now)
        positions.place(connection, [positions.Position(done.recipient_id, *DENVER)], now)
    return done.recipient_id


STEPS = ("_caught_up", "within", "_plan", "_plan_outside", "_finish")
WHEN = [
    "before the approval",
    "before the fan-out",
    "after the fan-out",
    *(f"{when} {step}" for step in STEPS for when in ("before", "after")),
]


class At:
    """Does something once, at a step of the approval or the fan-out."""

    def __init__(self, monkeypatch, house, when, do) -> None:
        self.when, self.do, self.result = when, do, None
        for step in STEPS:
            place = choosing if step == "within" else fanout
            monkeypatch.setattr(place, step, self._around(step, getattr(place, step)))
        fan_out = house.services.fan_out
        house.services = replace(house.services, fan_out=self._around("the fan-out", fan_out))
        self.reached("before the approval")

    def _around(self, step, original):
        def stepped(*arguments, **named):
            self.reached(f"before {step}")
            answer = original(*arguments, **named)
            self.reached(f"after {step}")
            return answer

        return stepped

    def reached(self, when) -> None:
        if self.when == when and self.result is None:
            self.result = self.do()


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("event", [enters, enters_and_its_server_dies, signs_up_and_its_server_dies])
@pytest.mark.parametrize(
    ("elsewhere", "database_url"),
    [(False, "sqlite"), (True, "sqlite"), (True, "postgresql")],
    ids=["here", "elsewhere", "elsewhere-postgresql"],
    indirect=["database_url"],
)
def test_whoever_comes_at_whatever_moment_is_told_once(
    house, other, in_force, told, monkeypatch, when, event, elsewhere
):
    inside = [one.recipient_id for one in house.enrol([DENVER] * INSIDE)]
    [traveller] = house.enrol([FAR_AWAY])
    at = At(
        monkeypatch, house, when, lambda: event(house, traveller.recipient_id, other if elsewhere else house.services)
    )
    in_force()
    assert at.result is not None
    arrivals.sweep(house.services if elsewhere else other)  # whoever sweeps first
    assert told() == dict.fromkeys([*inside, at.result], 1)
    arrivals.sweep(house.services)
    arrivals.sweep(other)
    assert told().total() == INSIDE + 1


@BOTH
@pytest.mark.parametrize("when", WHEN)
def test_who_leaves_meanwhile_keeps_nobody_else_from_being_told(house, other, in_force, told, monkeypatch, when):
    leaver, *others = [one.recipient_id for one in house.enrol([DENVER] * INSIDE)]
    at = At(monkeypatch, house, when, lambda: people.leave(other, leaver) or True)
    in_force()
    arrivals.sweep(other)
    gone = {row.id for row in house.rows(subscription)}
    counted = Counter(id_ for ids in planned(house) for id_ in ids if id_ in gone)
    assert at.result
    assert len(counted) == len(others)
    assert set(counted.values()) == {1}


@BOTH
def test_a_second_way_added_inside_an_active_area_is_an_arrival(house, in_force, told):
    [inside, *_] = house.enrol([DENVER] * INSIDE)
    in_force()
    now = house.clock()
    with writing(house.services.engine) as connection:
        connection.execute(
            subscription.insert().values(
                recipient_id=inside.recipient_id, channel="email", origin="smtp", address='{"email":"a@b.example"}',
                address_hash=b"x", language="en", consent_how="t", consent_words="t", consented_at=now, confirmed_at=now,
            )
        )  # fmt: skip
        positions.touch(connection, [inside.recipient_id])
    arrivals.sweep(house.services)
    assert told()[inside.recipient_id] == 2  # once on each
    assert told().total() == INSIDE + 1


@BOTH
def test_what_happened_while_no_server_ran_is_found_by_the_next(house, other, in_force, told):
    house.enrol([DENVER] * INSIDE)
    [traveller, late] = house.enrol([FAR_AWAY] * 2)
    in_force()
    enters_and_its_server_dies(house, traveller.recipient_id, house.services)
    fresh = replace(other, index=build(other.engine), watch=Watch())  # it holds the change: no map hears of it again
    assert arrivals.sweep(fresh) == 1
    enters_and_its_server_dies(house, late.recipient_id, house.services)
    assert arrivals.sweep(fresh) == 1
    assert max(told().values()) == 1


@BOTH
def test_a_sweep_that_dies_before_its_mark_is_done_again_and_tells_nobody_twice(house, in_force, told, monkeypatch):
    house.enrol([DENVER] * INSIDE)
    [traveller] = house.enrol([FAR_AWAY])
    in_force()
    enters_and_its_server_dies(house, traveller.recipient_id, house.services)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(seen, "advance", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        arrivals.sweep(house.services)
    assert told()[traveller.recipient_id] == 1
    assert arrivals.sweep(house.services) == 0
    assert told().total() == INSIDE + 1


@BOTH
def test_a_notice_planned_before_there_were_marks_is_swept_from_the_beginning(house, in_force, told):
    house.enrol([DENVER] * INSIDE)
    [traveller] = house.enrol([FAR_AWAY])
    in_force()
    enters_and_its_server_dies(house, traveller.recipient_id, house.services)
    with writing(house.services.engine) as connection:
        connection.exec_driver_sql("DELETE FROM seen")
    assert arrivals.sweep(house.services) == 1
    assert told().total() == INSIDE + 1


@BOTH
def test_who_is_elsewhere_again_before_anyone_looked_is_not_told(house, in_force, told):
    house.enrol([DENVER] * INSIDE)
    [traveller] = house.enrol([FAR_AWAY])
    in_force()
    for place in (DENVER, FAR_AWAY):
        with writing(house.services.engine) as connection:
            positions.place(connection, [positions.Position(traveller.recipient_id, *place)], house.clock())
    assert arrivals.sweep(house.services) == 0


@BOTH
def test_nothing_is_planned_on_a_map_that_cannot_catch_up_and_all_of_it_later(house, submitted, told, monkeypatch):
    from alerts.service import decide

    monkeypatch.setattr(fanout, "PATIENCE_S", 0.05)
    house.enrol([DENVER] * INSIDE)
    services, left = house.services, submitted()
    house.services = replace(services, fan_out=lambda notice_id: None)
    decision = decide.approve(house.services, house.approver, left.id, left.content_hash)
    services.index.seq = 0
    with pytest.raises(IndexBehind, match="the map stands at 0"):
        fanout.run(services.engine, services.vault, services.index, decision.notice_id)
    assert not told()
    with reading(services.engine) as connection:
        assert notices.due_for_fanout(connection) == [decision.notice_id]
    services.fan_out(decision.notice_id)
    assert told().total() == INSIDE


@BOTH
def test_a_map_that_is_ahead_of_its_store_plans_nothing(house, in_force, told):
    house.enrol([DENVER] * INSIDE)
    arrivals.follow(house.services)
    house.services.index.seq += 100  # as if the database had been put back from an older copy
    with pytest.raises(arrivals.StoreWentBack):
        in_force()
    assert not told()


@BOTH
def test_changes_are_taken_in_and_swept_in_parts(house, in_force, told, monkeypatch):
    house.enrol([DENVER] * INSIDE)
    travellers = house.enrol([FAR_AWAY] * 9)
    in_force()
    monkeypatch.setattr(arrivals, "AT_ONCE", 2)
    for one in travellers:
        enters_and_its_server_dies(house, one.recipient_id, house.services)
    assert arrivals.sweep(house.services) == 9
    arrivals.follow(house.services)
    assert len(house.services.index.within(from_circle(*DENVER, 100.0))) == INSIDE + 9


@BOTH
def test_no_older_place_comes_over_a_newer_one_however_threads_interleave(house, other):
    ids = [one.recipient_id for one in house.enrol([FAR_AWAY] * 4)]

    def wander(services, seed):
        rng = np.random.default_rng(seed)
        for _ in range(25):
            people.move(services, int(rng.choice(ids)), *rng.uniform(-1, 1, 2).tolist())

    threads = [
        threading.Thread(target=wander, args=(one, seed)) for seed, one in enumerate([house.services, other] * 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(house.services.engine) as connection:
        stored = positions.load_all(connection)
    for server in (house.services, other):
        arrivals.follow(server)
        for id_, lon, lat in zip(stored.ids.tolist(), stored.lon.tolist(), stored.lat.tolist(), strict=True):
            assert id_ in server.index.within(from_circle(lon, lat, 0.5))
        assert server.index.seq == stored.seq


@BOTH
def test_the_watch_of_every_server_learns_of_what_is_open_and_of_what_is_over(house, other, in_force):
    left = in_force()
    arrivals.watch_all(other)
    assert list(other.watch) == house.fanned_out
    end.cancel(house.services, house.submitter, left.id)
    arrivals.watch_all(other)
    assert list(other.watch) == []


@BOTH
def test_an_area_that_is_watched_before_its_approval_is_committed_stays(house):
    house.services.watch.add(99, from_circle(*DENVER, 1000.0), house.clock())
    arrivals.watch_all(house.services)
    assert 99 in house.services.watch

"""A thousand people come while an update and an enlargement are approved and fanned out: nobody twice, nobody lost."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from random import Random

import numpy as np
import pytest
from cast import DENVER

from alerts.service import arrivals, decide, submit
from geo import store as positions
from notifiers import addresses, ledger, subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import batch, notice, subscription
from notifiers.transactions import reading, writing

ARRIVALS, HANDS = 1_000, 8
SMALL, LARGE, AROUND = 0.2, 0.4, 0.6  # degrees: the area, the enlarged one, where people come to


@pytest.fixture
def before(house, in_force):
    """So many inside that a thousand more are within what the approval was for."""
    house.enrol([DENVER] * ARRIVALS * 6)
    return in_force()


def arrive(house, number: int, place: tuple[float, float]) -> None:
    """One person signs up at a place, the way a service does it: commit, then the map follows and the watch is asked."""
    services, now = house.services, house.clock()
    new = NewSubscription("email", {"email": f"late-{number}@example.org"}, "en", "t", "Yes.", now, now)
    with writing(services.engine) as connection:
        done = subscriptions.enrol(
            connection, [Enrolment("partner", True, "t", [new])], secret=addresses.secret(services.vault), now=now
        )
        positions.place(connection, [positions.Position(done[0].recipient_id, *place)], now)
    arrivals.follow(services)


def places() -> list[tuple[float, float]]:
    random = Random(3)
    return [(DENVER[0] + random.uniform(-0.5, 0.5) * AROUND, DENVER[1] + random.uniform(-0.5, 0.5) * AROUND)
            for _ in range(ARRIVALS)]  # fmt: skip


def inside(place: tuple[float, float], side: float) -> bool:
    return max(abs(place[0] - DENVER[0]), abs(place[1] - DENVER[1])) <= side / 2


def planned_of(house, version: int) -> Counter[int]:
    """How often each subscription was planned for a version."""
    ids = {row.id for row in house.rows(notice) if row.version == version}
    rows = [np.frombuffer(row.subscription_ids, "<u4").tolist() for row in house.rows(batch) if row.notice_id in ids]
    return Counter(itertools.chain.from_iterable(rows))


def approve(house, left) -> None:
    decide.approve(house.services, house.approver, left.id, left.content_hash)


class Crowd:
    """They arrive by eight hands at once, as fast as the house takes them."""

    def __init__(self, house) -> None:
        self._house, self._todo = house, iter(enumerate(places()))
        self._lock, self._came = threading.Lock(), threading.Semaphore(0)
        self.failed: list[BaseException] = []
        self._hands = [threading.Thread(target=self._work) for _ in range(HANDS)]
        for one in self._hands:
            one.start()

    def wait_for(self, count: int) -> None:
        """Until so many more have come."""
        for _ in range(count):
            assert self._came.acquire(timeout=60)

    def wait(self) -> None:
        for one in self._hands:
            one.join()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                arrive(self._house, *job)
            except Exception as error:  # noqa: BLE001  # told by the test
                self.failed.append(error)
            self._came.release()

    def _next(self):
        with self._lock:
            return next(self._todo, None)


def adds_up(house) -> bool:
    names = ("waiting", "in_flight", "sent", "gone", "refused", "gave_up", "dropped", "in_doubt")
    with reading(house.services.engine) as connection:
        tallies = [one for row in house.rows(notice) for one in ledger.tally(connection, row.id).values()]
    return all(one.planned == sum(getattr(one, name) for name in names) for one in tallies)


def test_a_thousand_arrivals_against_an_update_and_an_enlargement(house, before, take, make_square):
    crowd = Crowd(house)
    crowd.wait_for(ARRIVALS // 4)
    updated = submit.update(house.services, house.submitter, before.id, take())
    approve(house, updated)
    crowd.wait_for(ARRIVALS // 4)
    approve(house, submit.enlarge(house.services, house.submitter, updated.id, make_square(LARGE)))
    crowd.wait()
    while arrivals.sweep(house.services):
        """Until nobody is left to be looked for."""
    second, late = planned_of(house, 2), {row.id for row in house.rows(subscription) if row.channel == "email"}
    wanted = sum(inside(place, LARGE) for place in places())
    assert crowd.failed == []
    assert set(second.values()) == {1} == set(planned_of(house, 1).values())
    assert (len(late & set(second)), len(second)) == (wanted, ARRIVALS * 6 + wanted)
    assert adds_up(house)

"""A thousand people come into the area on two servers while the alert is updated and then enlarged."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

from cast import BOTH, DENVER, FAR_AWAY
from sqlalchemy import select

from alerts.database import make_engine
from alerts.map_file import build
from alerts.service import arrivals, decide, people, submit
from geo.watch import Watch
from notifiers import fanout
from notifiers.labels import Labels
from notifiers.packing import unpack
from notifiers.tables import batch, batch_ids, notice
from notifiers.transactions import reading

INSIDE, ARRIVING, THREADS = 6_000, 1_000, 4  # so that the arrivals alone are not too many more than approved


def second_server(services):
    engine = make_engine(services.settings.engine_url)
    return replace(
        services,
        engine=engine,
        index=build(engine),
        watch=Watch(),
        labels=Labels(),
        following=threading.Lock(),
        arrivals=lambda notice_id, ids: fanout.plan_for(engine, notice_id, ids),
    )


def planned(engine) -> dict[int, Counter[int]]:
    """By version, how often each subscription was planned."""
    found: dict[int, Counter[int]] = {}
    with reading(engine) as connection:
        chosen = select(notice.c.version, batch_ids.c.subscription_ids, batch.c.size)
        rows = connection.execute(chosen.select_from(notice).join(batch).join(batch_ids)).all()
    for version, *ids in rows:
        found.setdefault(version, Counter()).update(unpack(*ids).tolist())
    return found


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()


@BOTH
def test_nobody_is_lost_and_nobody_is_planned_twice_for_a_version(house, in_force, take, make_square):
    house.enrol([DENVER] * INSIDE)
    travellers = [one.recipient_id for one in house.enrol([FAR_AWAY] * ARRIVING)]
    left = in_force()
    servers = [house.services, second_server(house.services)]

    def arrive(number: int) -> None:
        for one in travellers[number::THREADS]:
            people.move(servers[number % 2], one, *DENVER)

    threads = [threading.Thread(target=arrive, args=(number,)) for number in range(THREADS)]
    run(threads)
    changed = submit.update(house.services, house.submitter, left.id, take())
    decide.approve(house.services, house.approver, changed.id, changed.content_hash)
    wider = submit.enlarge(house.services, house.submitter, left.id, make_square(0.5))
    decide.approve(house.services, house.approver, wider.id, wider.content_hash)
    assert any(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    for server in servers:
        arrivals.sweep(server)
    servers[1].engine.dispose()
    versions = planned(house.services.engine)
    assert [set(counts.values()) for counts in versions.values()] == [{1}, {1}]
    assert len(versions[2]) == INSIDE + ARRIVING

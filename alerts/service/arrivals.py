"""The reverse question: somebody is somewhere now; which active areas are there? Who comes into one is told, once.

follow  the map takes in what the store committed, in its order, and whoever changed is looked for in the watch: at
        once after a change here, each second for changes by other processes
sweep   each second: the changes that no match and no sweep has looked at for a notice (`notifiers.seen`) are looked
        at in its area. This is what makes it certain: it finds also those whose process died after the commit

One transaction gives a change its sequence number and commits it, and every map takes changes in from the store alone,
under one lock, in the order of these numbers: no older place ever comes over a newer one. The ledger's door lets
nobody be told twice, whoever finds them.
"""

from __future__ import annotations

import numpy as np
import structlog
from sqlalchemy import Connection

from alerts.services import Services
from geo import store as positions
from geo.store import Placed
from notifiers import fanout, notices, seen
from notifiers.model import Kind
from notifiers.notices import NoticeStatus
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

log = structlog.get_logger()

AT_ONCE = 20_000  # changes taken in at a time: who waits for the lock, and memory where areas overlap, stay bounded


class StoreWentBack(Exception):
    """The map holds more than the store: the store is not the one it was built from, or an older copy of it."""


def follow(services: Services) -> None:
    """Take in whatever the store has committed, and tell who came into an active area. StoreWentBack."""
    while (changed := _take_in(services)) is not None:
        for notice_id, rows in _arrived(services, changed).items():
            services.arrivals(notice_id, changed.ids[rows].tolist())


def sweep(services: Services) -> int:
    """Look for newcomers of every planned notice among the changes that nobody has looked at; how many were planned."""
    watch_all(services)
    found, more = 0, True
    while more:
        planned, more = _sweep_some(services)
        found += planned
    if found:
        log.info("newcomers_planned", subscriptions=found)
    return found


def watch_all(services: Services) -> None:
    """The watch holds every open notice's area, whoever approved it, and none of those that are over."""
    with reading(services.engine) as connection:
        over = notices.known_over(connection, list(services.watch))
        for status in notices.list_open(connection):
            if status.kind is not Kind.CANCEL and status.incident_id > 0 and status.id not in services.watch:
                _watch(services, connection, status)
    for notice_id in over:
        services.watch.remove(notice_id)


def _take_in(services: Services) -> Placed | None:
    """The next changes onto the map; None if it has them all."""
    index = services.index
    with services.following:  # the transaction begins under the lock: it sees more than the one before
        with reading(services.engine) as connection:
            newest = positions.newest(connection)
            if newest < index.seq:
                raise StoreWentBack(f"the map stands at {index.seq}, the store at {newest}")
            if newest == index.seq:
                return None
            changed = positions.changes_since(connection, index.seq, AT_ONCE)
        index.remove(changed.removed)
        index.move(changed.ids, changed.lon, changed.lat, changed.radius_m)
        services.labels.read(services.engine, index, changed.touched)
        index.seq = changed.seq  # last: whoever reads it may rely on all that stands above
    return changed


def _arrived(services: Services, changed: Placed) -> dict[int, np.ndarray]:
    """By notice, the rows of those who are in its area."""
    return services.watch.containing_each(changed.lon, changed.lat, changed.radius_m)


def _sweep_some(services: Services) -> tuple[int, bool]:
    """From the lowest mark on; how many were planned, and whether there is more to look at."""
    with reading(services.engine) as connection:
        newest, marks = positions.newest(connection), seen.marks(connection)
        behind = {notice_id: seq for notice_id, seq in marks.items() if seq < newest and notice_id in services.watch}
        if not behind:
            return 0, False
        changed = positions.changes_since(connection, min(behind.values()), AT_ONCE)
    due = [notice_id for notice_id, seq in behind.items() if seq < changed.seq]
    arrived = _arrived(services, changed)
    planned = sum(
        fanout.plan_for(services.engine, notice_id, np.unique(changed.ids[arrived[notice_id]]))
        for notice_id in due
        if notice_id in arrived
    )
    with writing(services.engine) as connection:  # only now: had we died before, all of it would be looked at again
        seen.advance(connection, due, changed.seq)
    return planned, changed.seq < newest


def _watch(services: Services, connection: Connection, status: NoticeStatus) -> None:
    try:
        area = notices.get(connection, services.vault, status.id).area
    except KeyGone:  # ended between the two statements
        return
    if area is not None:
        services.watch.add(status.id, area, status.expires_at)

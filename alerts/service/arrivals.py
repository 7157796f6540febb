"""The reverse question: somebody is somewhere now; which active areas are there? Who comes into one is told.

First the map, then the watch: an area enters the watch before it is matched against the map, so whoever moves in that
very moment is found by one of the two; the ledger's door lets nobody be told twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from alerts.services import Services
from notifiers import notices
from notifiers.model import Kind
from notifiers.notices import NoticeStatus
from notifiers.transactions import reading
from notifiers.vault import KeyGone


def walk(
    services: Services,
    recipient_ids: Sequence[int],
    lon: Sequence[float],
    lat: Sequence[float],
    radius_m: Sequence[float],
) -> None:
    """The store has committed where these recipients are: put them on the map and tell who came into an active area."""
    places = (np.asarray(lon, float), np.asarray(lat, float), np.asarray(radius_m, float))
    ids = np.asarray(recipient_ids, np.uint32)
    services.index.move(ids, *places)
    if len(ids) == 1:
        for notice_id in services.watch.containing(float(lon[0]), float(lat[0]), float(radius_m[0])):
            services.arrivals(notice_id, ids.tolist())
        return
    for notice_id, rows in services.watch.containing_each(*places).items():
        services.arrivals(notice_id, ids[rows].tolist())


def take_off(services: Services, recipient_ids: Sequence[int]) -> None:
    """The store has forgotten these recipients: take them off the map."""
    services.index.remove(np.asarray(recipient_ids, np.uint32))


def watch_all(services: Services) -> None:
    """Put every open notice's area into the watch that is not there yet: at the server's start, before anyone moves,
    and again and again where several servers approve. What is over may stay until its time: nothing of it is planned.
    """
    with reading(services.engine) as connection:
        for status in notices.list_open(connection):
            if status.kind is not Kind.CANCEL and status.id not in services.watch:
                _watch(services, connection, status)


def _watch(services: Services, connection: Connection, status: NoticeStatus) -> None:
    try:
        area = notices.get(connection, services.vault, status.id).area
    except KeyGone:  # ended between the two statements
        return
    if area is not None:
        services.watch.add(status.id, area, status.expires_at)

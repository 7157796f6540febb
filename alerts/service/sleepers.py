"""Of those whom an alert would reach now, who is in quiet hours: held back until these end, or woken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from alerts.agencies import Officer
from alerts.lifecycle import OPEN, Message
from alerts.model import Alert
from alerts.notice import last_seen_of, wakes_within_m
from alerts.programme import Programme
from alerts.reports import Sleepers
from alerts.service.drafting import agency_of, programme_of
from alerts.service.sealed import Opened
from alerts.services import Services
from geo.columns import from_microseconds
from geo.shapes import Shape
from notifiers import eligibility, quieting, ranking
from notifiers.clock import database_now
from notifiers.eligibility import Audience

Ids = NDArray[np.uint32]


def of(
    services: Services, connection: Connection, officer: Officer, message: Message, opened: Opened
) -> Sleepers | None:
    """Of a message that waits for its decision."""
    if message.state not in OPEN:
        return None
    return count(services, connection, opened.area, opened.alert, programme_of(agency_of(officer), opened.alert))


def count(services: Services, connection: Connection, area: Shape, alert: Alert, rules: Programme) -> Sleepers | None:
    """By the very rules of the fan-out; None if nobody inside is in quiet hours."""
    within = services.index.within(area)
    until = quieting.held_until(connection, within, database_now(connection))
    if until is None:
        return None
    audience = Audience.of(alert.status.value, rules.alert_class)
    asleep = _told_aloud(connection, within[until > 0], audience)
    if not len(asleep):
        return None
    point, near_m = last_seen_of(alert), wakes_within_m(alert, rules)
    woken = np.zeros(len(asleep), bool)
    if point is not None and near_m is not None:
        woken = ranking.near(services.index, asleep, point, near_m)
    ends = until[np.isin(within, asleep[~woken])]
    last_at = from_microseconds(int(ends.max())) if len(ends) else None
    return Sleepers(int((~woken).sum()), last_at, int(woken.sum()), near_m)


def _told_aloud(connection: Connection, recipient_ids: Ids, audience: Audience) -> Ids:
    """Those whom anything but an inbox would tell."""
    chosen = eligibility.eligible(connection, recipient_ids, audience)
    sounds = np.array([channel not in quieting.AT_ALL_HOURS for channel, _ in chosen.lanes], bool)
    return np.unique(chosen.recipient_ids[sounds[chosen.lane]] if len(chosen) else chosen.recipient_ids)

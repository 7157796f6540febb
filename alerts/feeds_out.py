"""The public feeds as bytes that lie ready: a crowd costs one look at the database a second, whatever its size.

They hold Actual alerts only, and come from the notices as they were sent. Who is over is over here within LOOK_EVERY_S.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from alerts.errors import NotFound
from alerts.feed_forms import write_atom, write_geojson
from alerts.services import Services
from notifiers import notices
from notifiers.model import Notice
from notifiers.notices import Told
from notifiers.transactions import reading
from notifiers.vault import KeyGone

LOOK_EVERY_S = 1.0
EVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an empty house last changed


class Ended(Exception):
    """The alert is over, and nothing more is said of it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it is sent, its entity tag, when it last changed."""

    content: bytes = field(repr=False)
    tag: str
    changed_at: datetime

    @classmethod
    def of(cls, content: bytes, changed_at: datetime) -> Kept:
        return cls(content, f'"{hashlib.sha256(content).hexdigest()[:24]}"', changed_at)


@dataclass(frozen=True, slots=True)
class Feeds:
    """All documents of one moment; `caps` by incident token."""

    atom: Kept
    geojson: Kept
    caps: Mapping[str, Kept]


class Shelf:
    """The documents of now. Safe for threads. A look that fails throws away what was there: nothing outlives its end."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._standing: Told | None = None
        self._feeds: Feeds | None = None

    def now(self) -> Feeds:
        """At most LOOK_EVERY_S old."""
        with self._lock:
            if self._feeds is None or self._clock() - self._looked_at >= LOOK_EVERY_S:
                self._feeds = self._look(self._clock())
            return self._feeds

    def cap(self, token: str) -> Kept:
        """The CAP in force, or the Cancel. Ended where there is neither any more; NotFound for what was never public."""
        kept = self.now().caps.get(token)
        if kept is not None:
            return kept
        with reading(self._services.engine) as connection:
            known = notices.was_told(connection, token)
        raise Ended if known else NotFound("there is no such alert")

    def _look(self, at: float) -> Feeds:
        before, self._feeds = self._feeds, None
        with reading(self._services.engine) as connection:
            standing = notices.list_told(connection, self._services.clock())
            if before is None or standing != self._standing:
                before = _build(self._services, connection, standing)
        self._standing, self._looked_at = standing, at
        return before


def _build(services: Services, connection: Connection, standing: Told) -> Feeds:
    base_url, changed_at = services.settings.base_url, standing.changed_at or EVER
    told = [notice for one in standing.ids if (notice := _open(services, connection, one)) is not None]
    caps = {one.incident: Kept.of(one.cap_xml, one.sent_at) for one in told if one.cap_xml}
    atom = Kept.of(write_atom(told, base_url, changed_at), changed_at)
    return Feeds(atom, Kept.of(write_geojson(told, base_url), changed_at), caps)


def _open(services: Services, connection: Connection, notice_id: int) -> Notice | None:
    """None where its key is gone: then it is over, whatever its row says."""
    try:
        return notices.get(connection, services.vault, notice_id)
    except KeyGone:
        return None

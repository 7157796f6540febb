"""The world is settled: people drawn and enrolled, or taken from the last demo; then the cast, who are new every time.

Who is near the alert is enrolled before it is sent. The others subscribe while it is delivered, as in life people do,
and are all there before the area is enlarged.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Engine

from alerts.demo import people, warm, world
from alerts.demo.enrolling import Enrolling
from alerts.demo.people import People, Rows
from alerts.demo.warm import Kept
from alerts.demo.world import Cast, Roll
from alerts.settings import Settings
from geo.shapes import Shape, from_geojson
from notifiers.transactions import writing

SEED = 20260101
LATER = 500  # people a transaction while an alert is delivered: the workers write to the same database
AWAY = {"type": "Polygon", "coordinates": [[(-20, -40), (-19, -40), (-19, -39), (-20, -39), (-20, -40)]]}


@dataclass(frozen=True, slots=True)
class Settled:
    """The cast, the people, who is behind each receiver, and `complete`, which waits until all have been enrolled."""

    cast: Cast
    people: People
    roll: Roll
    complete: Callable[[], None]


def settle(
    settings: Settings, engine: Engine, area: Shape, population: int, now: datetime, kept: Kept | None
) -> Settled:
    """The world as far as the alert needs it. A `kept` one stands in the database already, and only the cast is made."""
    if kept is not None:
        drawn, roll = kept.load()
        return Settled(_cast(settings, engine, area, now), drawn, roll, lambda: None)
    gc.disable()  # it would look through a million young and living objects again and again
    drawn = people.draw(area, population, np.random.default_rng(SEED))
    enrolling = Enrolling(settings, engine, drawn, now)
    enrolling.enrol(np.flatnonzero(drawn.close), world.BLOCK)
    gc.freeze()
    gc.enable()
    later = _Later(enrolling, np.flatnonzero(~drawn.close), warm.keeper(area, drawn, settings.sandbox_push_port, now))
    cast = _cast(settings, engine, area, now)
    later.start()
    return Settled(cast, drawn, enrolling.roll, later.complete)


class _Later(threading.Thread):
    """The rest of them, beside everything else; then the next demo's copy of the world is begun."""

    def __init__(self, enrolling: Enrolling, rows: Rows, keep: Callable[[], None]) -> None:
        super().__init__(name="enrolling", daemon=True)
        self._enrolling, self._rows, self._keep = enrolling, rows, keep
        self._failed: BaseException | None = None

    def run(self) -> None:
        try:
            self._enrolling.enrol(self._rows, LATER)
            self._keep()
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            self._failed = error

    def complete(self) -> None:
        """Returns when all are there. RuntimeError when they will not be."""
        self.join()
        if self._failed is not None:
            raise RuntimeError("the demo's people could not be enrolled") from self._failed


def _cast(settings: Settings, engine: Engine, area: Shape, now: datetime) -> Cast:
    with writing(engine) as connection:
        home = world.jurisdiction_around(area)
        return world.found(connection, home, from_geojson(AWAY), now, settings.sign_in_link_s)

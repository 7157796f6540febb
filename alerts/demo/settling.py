"""The world is settled in a process of its own, while the server's process imports and its children start.

Forked before any thread is started, so it begins with all that is imported; what it made comes back through a pipe.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection as Pipe

import numpy as np

from alerts.database import make_engine
from alerts.demo import people, warm, world
from alerts.demo.people import People
from alerts.demo.warm import Kept
from alerts.demo.world import Cast, Roll
from alerts.settings import Settings
from geo.shapes import Shape, from_geojson
from notifiers import addresses
from notifiers.sandbox.keys import Keys, load_secret
from notifiers.transactions import writing
from notifiers.vault import Vault

SEED = 20260101
AWAY = {"type": "Polygon", "coordinates": [[(-20, -40), (-19, -40), (-19, -39), (-20, -39), (-20, -40)]]}

Settled = tuple[Cast, People, Roll]


@contextmanager
def settling(
    settings: Settings, area: Shape, population: int, now: datetime, kept: Kept | None = None
) -> Iterator[Callable[[], Settled]]:
    """Begins at once; the function given waits for the end. RuntimeError if the other process failed.

    With a `kept` world, which stands in the database already, only the cast is new.
    """
    if kept is not None:
        yield lambda: _settle_cast(settings, area, now, *kept.load())
        return
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=_settle_and_tell, args=(there, settings, area, population, now), daemon=True
    )
    child.start()
    there.close()

    def settled() -> Settled:
        try:
            found: Settled = here.recv()
        except EOFError:
            raise RuntimeError("the demo's people could not be enrolled") from None
        return found

    try:
        yield settled
    finally:
        here.close()  # the child may still be keeping the world for the next demo


def _settle_and_tell(there: Pipe, settings: Settings, area: Shape, population: int, now: datetime) -> None:
    gc.disable()  # it would look through a million young and living objects again and again
    drawn = people.draw(area, population, np.random.default_rng(SEED))
    roll = _settle(settings, drawn, now)
    peopled = warm.snapshot(settings)
    there.send(_settle_cast(settings, area, now, drawn, roll))
    there.close()
    os.nice(19)  # from here on nobody waits for this process
    if population >= warm.LEAST:
        warm.keep(peopled, settings, area, drawn, roll)
    peopled.close()


def _settle(settings: Settings, drawn: People, now: datetime) -> Roll:
    """The people in the database, in one transaction."""
    secret, roll = addresses.secret(Vault(settings.keys_directory)), Roll()
    base_url = f"http://127.0.0.1:{settings.sandbox_push_port}"
    keys = Keys(load_secret(settings.data))
    engine = make_engine(settings.engine_url)
    with writing(engine) as connection:
        for start in range(0, len(drawn), world.BLOCK):
            rows = range(start, min(start + world.BLOCK, len(drawn)))
            world.enrol(
                connection, drawn, rows, lambda token: keys.make_subscription(base_url, token), secret, now, roll
            )
    engine.dispose()
    return roll


def _settle_cast(settings: Settings, area: Shape, now: datetime, drawn: People, roll: Roll) -> Settled:
    engine = make_engine(settings.engine_url)
    with writing(engine) as connection:
        home = world.jurisdiction_around(area)
        cast = world.found(connection, home, from_geojson(AWAY), now, settings.sign_in_link_s)
    engine.dispose()
    return cast, drawn, roll

"""The world is settled: people drawn and enrolled, or taken from the last demo; then the cast, who are new every time."""

from __future__ import annotations

import gc
import multiprocessing
import os
from contextlib import closing, suppress
from datetime import datetime
from multiprocessing.connection import Connection as Pipe

import numpy as np
from sqlalchemy import Engine

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


def settle(
    settings: Settings, engine: Engine, area: Shape, population: int, now: datetime, kept: Kept | None
) -> tuple[Cast, People, Roll]:
    """The whole world. With a `kept` one, which stands in the database already, only the cast is made."""
    drawn, roll = kept.load() if kept else _new(settings, engine, area, population, now)
    with writing(engine) as connection:
        home = world.jurisdiction_around(area)
        cast = world.found(connection, home, from_geojson(AWAY), now, settings.sign_in_link_s)
    return cast, drawn, roll


def _new(settings: Settings, engine: Engine, area: Shape, population: int, now: datetime) -> tuple[People, Roll]:
    gc.disable()  # it would look through a million young and living objects again and again
    drawn = people.draw(area, population, np.random.default_rng(SEED))
    roll = _enrol(settings, engine, drawn, now)
    gc.freeze()
    gc.enable()
    if population >= warm.LEAST:
        _keep(settings, area, drawn, roll)
    return drawn, roll


def _keep(settings: Settings, area: Shape, drawn: People, roll: Roll) -> None:
    """For the next demo, by a process beside this one; waits only until that has its snapshot, before any cast is in."""
    here, there = multiprocessing.Pipe(duplex=False)
    keeper = multiprocessing.get_context("fork").Process(
        target=_keep_quietly, args=(there, settings, area, drawn, roll), daemon=True
    )
    keeper.start()
    there.close()
    with suppress(EOFError):  # without it the next demo starts as this one did
        here.recv()
    here.close()


def _keep_quietly(there: Pipe, settings: Settings, area: Shape, drawn: People, roll: Roll) -> None:
    with closing(warm.snapshot(settings)) as peopled:
        there.send("taken")
        os.nice(19)
        warm.keep(peopled, settings, area, drawn, roll)


def _enrol(settings: Settings, engine: Engine, drawn: People, now: datetime) -> Roll:
    """The people in the database, in one transaction."""
    secret, roll = addresses.secret(Vault(settings.keys_directory)), Roll()
    base_url = f"http://127.0.0.1:{settings.sandbox_push_port}"
    keys = Keys(load_secret(settings.data))
    with writing(engine) as connection:
        for start in range(0, len(drawn), world.BLOCK):
            rows = range(start, min(start + world.BLOCK, len(drawn)))
            world.enrol(
                connection, drawn, rows, lambda token: keys.make_subscription(base_url, token), secret, now, roll
            )
    return roll

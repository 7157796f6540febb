"""The invented people of the last large demos, kept so that the next one starts in seconds: a copy of their database.

Kept in the user's cache directory, readable by the user alone; only what is the same every time (people drawn from one
seed around one area, sandbox endpoints), never a cast, an alert or a real person. Anything unreadable counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

import geo.coarse
import notifiers.candidates
import notifiers.enrolling
from alerts.database import MIGRATIONS
from alerts.demo import enrolling as enrolment
from alerts.demo import people, world
from alerts.demo.enrolling import Enrolling
from alerts.demo.people import People
from alerts.demo.world import Roll
from alerts.outfit import prepare
from alerts.settings import Settings
from geo.shapes import Shape

LEAST = 20_000  # people; fewer are enrolled faster than looked for
MOST_KEPT = 3
SECRETS = ("keys", "sandbox.secret")
SOURCES = (people, world, enrolment, geo.coarse, notifiers.candidates, notifiers.enrolling)


@dataclass(frozen=True, slots=True)
class Kept:
    """A former world; `push_port` stands in its endpoints, so the sandbox must listen there again."""

    directory: Path
    push_port: int

    def restore(self, data: Path) -> None:
        """Copies database and secrets into an empty data directory."""
        for entry in ("lookout.db", *SECRETS):
            source = self.directory / entry
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, data / entry)

    def load(self) -> tuple[People, Roll]:
        """The people and who is behind each receiver."""
        with np.load(self.directory / "people.npz") as columns:
            drawn = People(**{field.name: columns[field.name] for field in fields(People)})
        return drawn, Roll(**json.loads((self.directory / "roll.json").read_bytes()))


def find(area: Shape, population: int) -> Kept | None:
    """The kept world of these people, if there is one and its port is free."""
    directory = _directory(area, population)
    try:
        port = int((directory / "push_port").read_text())
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, ValueError):
        return None
    return Kept(directory, port)


def keeper(area: Shape, drawn: People, push_port: int, now: datetime) -> Callable[[], None]:
    """Call what it gives when the machine has time: only then a process begins to keep these people, at low priority.

    The process is forked at once, while this one has no threads yet. Few people are not worth keeping.
    """
    if len(drawn) < LEAST:
        return lambda: None
    go = multiprocessing.get_context("fork").Event()
    multiprocessing.get_context("fork").Process(
        target=_keep_when, args=(go, area, drawn, push_port, now), name="keeper", daemon=True
    ).start()
    return go.set


def _keep_when(go: Event, area: Shape, drawn: People, push_port: int, now: datetime) -> None:
    go.wait()
    os.nice(19)
    keep(area, drawn, push_port, now)


def keep(area: Shape, drawn: People, push_port: int, now: datetime) -> None:
    """These people in a database of their own, without any cast. A full disk or a read-only home is no fault."""
    target = _directory(area, len(drawn))
    draft = target.with_suffix(f".{os.getpid()}")
    try:
        draft.mkdir(mode=0o700, parents=True)
        roll = _enrolled(Settings(data=draft, sandbox_push_port=push_port), drawn, now)
        np.savez(draft / "people.npz", **{field.name: getattr(drawn, field.name) for field in fields(People)})
        (draft / "roll.json").write_text(json.dumps({field.name: getattr(roll, field.name) for field in fields(Roll)}))
        (draft / "push_port").write_text(str(push_port))
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
        _forget_old(target.parent)
    except (OSError, SQLAlchemyError):
        shutil.rmtree(draft, ignore_errors=True)


def _enrolled(settings: Settings, drawn: People, now: datetime) -> Roll:
    engine = prepare(settings)
    enrolling = Enrolling(settings, engine, drawn, now)
    enrolling.enrol(np.arange(len(drawn)), world.BLOCK)
    engine.dispose()
    return enrolling.roll


def _forget_old(home: Path) -> None:
    kept = sorted(home.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in kept[MOST_KEPT:]:
        shutil.rmtree(entry, ignore_errors=True)


def _directory(area: Shape, population: int) -> Path:
    """By all that decides what the people are: area, number, schema and the code that makes them."""
    told = hashlib.sha256(f"{area.digest()} {population}".encode())
    told.update(" ".join(sorted(file.name for file in (MIGRATIONS / "versions").glob("0*.py"))).encode())
    for module in SOURCES:
        told.update(Path(str(module.__file__)).read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "lookout" / "demo" / told.hexdigest()[:24]

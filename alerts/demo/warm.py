"""The invented people of the last large demos, kept so that the next one starts in seconds: a copy of their database.

Kept in the user's cache directory, readable by the user alone; only what is the same every time (people drawn from one
seed around one area, sandbox endpoints), never a cast, an alert or a real person. Anything unreadable counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

import geo.coarse
import notifiers.candidates
import notifiers.subscriptions
from alerts.database import MIGRATIONS
from alerts.demo import people, world
from alerts.demo.people import People
from alerts.demo.world import Roll
from alerts.settings import Settings
from geo.shapes import Shape

LEAST = 20_000  # people; fewer are enrolled faster than looked for
MOST_KEPT = 3
SECRETS = ("keys", "sandbox.secret")
SOURCES = (people, world, geo.coarse, notifiers.candidates, notifiers.subscriptions)


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


def snapshot(settings: Settings) -> sqlite3.Connection:
    """The database as it is now, for `keep` to copy later: a reader of a WAL sees no later change."""
    database = sqlite3.connect(settings.data / "lookout.db", isolation_level=None)
    database.execute("BEGIN")
    database.execute("SELECT count(*) FROM agency").fetchone()
    return database


def keep(database: sqlite3.Connection, settings: Settings, area: Shape, drawn: People, roll: Roll) -> None:
    """Keeps a world as its snapshot has it, before any cast was in it. A full disk or a read-only home is no fault."""
    target = _directory(area, len(drawn))
    draft = target.with_suffix(f".{os.getpid()}")
    try:
        draft.mkdir(mode=0o700, parents=True)
        with sqlite3.connect(draft / "lookout.db") as copy:
            database.backup(copy)
        copy.close()
        for entry in SECRETS:
            found = settings.data / entry
            (shutil.copytree if found.is_dir() else shutil.copyfile)(found, draft / entry)
        np.savez(draft / "people.npz", **{field.name: getattr(drawn, field.name) for field in fields(People)})
        (draft / "roll.json").write_text(json.dumps({field.name: getattr(roll, field.name) for field in fields(Roll)}))
        (draft / "push_port").write_text(str(settings.sandbox_push_port))
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
        _forget_old(target.parent)
    except (OSError, sqlite3.Error):
        shutil.rmtree(draft, ignore_errors=True)


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

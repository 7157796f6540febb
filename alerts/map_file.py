"""The map in a file between two starts, so that a server of ten million serves in a second instead of reading them all.

A file may be used only if it says what this very store held at some moment of its own past: then what the store has
changed since brings it up to date (`arrivals.follow`). So each file has a random mark, and a row of the database says
that the file of this mark holds everything up to its sequence number. The row is written after the map was read, and the
map holds nothing above its number (`Services.following` is held), so whatever copy of the database has the row has all
that is in the file in its own history, however it went on since: put back from a backup, copied, grown differently. A
database without the row, an older copy or another one in the same directory, does not know the file, and the map is
built from the rows, as it is when the file is damaged or missing.

Two servers each have a file and a row of their own, in one directory or in two; a start takes the newest that it finds.
The row comes after the file and goes before it; a file without a row is rubbish from a crash and removed.

A file holds serial numbers and positions and is as private as the database (mode 0600). While a server runs on its
directory who left is in it no longer than `leavers_s`: then it is removed, and written anew as soon as no alert is active.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from alerts.tables import map_file
from geo import store as positions
from geo.index import RecipientIndex
from notifiers.clock import database_now
from notifiers.transactions import reading, writing

log = structlog.get_logger()

CHANGED_SHARE = 0.02  # of the people: fewer changes are quickly taken in after a start
REST_S = 300.0  # between two writings
FORGET_AFTER = timedelta(days=90)  # rows of servers that never came back
_NAME = re.compile(r"people-([0-9a-f]{32})\.map")
_LEFTOVERS = ".people-*"  # of a writing that was killed


@dataclass(frozen=True, slots=True)
class Written:
    """The file that this server wrote or started from."""

    mark: str
    seq: int
    at_s: float  # monotonic


class MapFile:
    """The file of one server. `leavers_s`: how long who left may be in it; `least`: people from which one is kept."""

    def __init__(self, engine: Engine, directory: Path, *, leavers_s: float, least: int) -> None:
        self._engine = engine
        self._directory = directory
        self._leavers_s = leavers_s
        self._least = least
        self._written: Written | None = None
        self._one_at_a_time = threading.Lock()

    def load(self) -> RecipientIndex:
        """The map as the newest usable file has it, perhaps behind the store; else built from the store, and why."""
        self._tidy()
        why = "no_file"
        for found in self._here():
            index, why = self._restored(found)
            if index is not None:
                self._written = found
                log.info("map_restored", people=len(index), seq=found.seq)
                return index
            self._drop(found)
        built = build(self._engine)
        log.info("map_built", people=len(built), why=why)
        return built

    def look(self, index: RecipientIndex, following: threading.Lock, *, busy: bool, now_s: float) -> None:
        """Now and then: writes or removes files if that is due. `busy`: an alert is active, moves must not wait."""
        with self._one_at_a_time:
            self._drop_outdated(len(index) < self._least, now_s)
            due = not busy and self._due(index, now_s)
        if due:
            self.save(index, following)

    def save(self, index: RecipientIndex, following: threading.Lock) -> None:
        """Writes the map as it is now, unless the file says the same or there are too few people.

        A disk that is full is logged: the next start takes longer, that is all.
        """
        with self._one_at_a_time:
            before = self._written
            if len(index) < self._least or (before is not None and before.seq == index.seq):
                return
            try:
                self._save(index, following)
            except (OSError, SQLAlchemyError) as error:
                log.warning("map_file_not_written", error=type(error).__name__)

    def _save(self, index: RecipientIndex, following: threading.Lock) -> None:
        mark, began_s = secrets.token_hex(16), time.monotonic()
        # Nobody puts changes in while it is read: the file is exactly what the store held at its number.
        seq = index.snapshot(self._path(mark), following)
        with writing(self._engine) as connection:
            now = database_now(connection)
            connection.execute(insert(map_file).values(mark=mark, seq=seq, written_at=now))
            connection.execute(delete(map_file).where(map_file.c.written_at < now - FORGET_AFTER))
        if self._written is not None:
            self._drop(self._written)
        self._written = Written(mark, seq, time.monotonic())
        log.info("map_file_written", people=len(index), seq=seq, seconds=round(time.monotonic() - began_s, 2))

    def _drop_outdated(self, all_: bool, now_s: float) -> None:
        """Files here that somebody who left stands in for too long, whichever server wrote them; all, if none is wanted."""
        here = self._here()
        for one in here:
            if all_ or (now_s - one.at_s >= self._leavers_s and self._any_left_since(one.seq)):
                self._drop(one)
        if self._written is not None and self._written.mark not in {one.mark for one in here}:
            self._written = None  # another server in this directory took it for its own

    def _due(self, index: RecipientIndex, now_s: float) -> bool:
        """Whether there is no file, or an old one that much has changed since."""
        if len(index) < self._least or self._written is None:
            return len(index) >= self._least
        if now_s - self._written.at_s < REST_S:
            return False
        with reading(self._engine) as connection:
            return positions.count_since(connection, self._written.seq) > CHANGED_SHARE * len(index)

    def _any_left_since(self, seq: int) -> bool:
        with reading(self._engine) as connection:
            return positions.any_left_since(connection, seq)

    def _restored(self, found: Written) -> tuple[RecipientIndex | None, str]:
        """The map of a file, or None and why not, for one that is not as it was written."""
        try:
            index = RecipientIndex.restore(self._path(found.mark))
        except OSError:
            return None, "unreadable"
        except ValueError:
            return None, "damaged"
        with reading(self._engine) as connection:
            newest = positions.newest(connection)
        fits = index.seq == found.seq <= newest
        return (index, "") if fits else (None, "sequence")

    def _here(self) -> list[Written]:
        """The files of this directory that this database knows, the newest first."""
        return [one for one in self._known() if self._path(one.mark).exists()]

    def _known(self) -> list[Written]:
        with reading(self._engine) as connection:
            now, now_s = database_now(connection), time.monotonic()
            rows = connection.execute(select(map_file).order_by(map_file.c.seq.desc()))
            return [Written(row.mark, row.seq, now_s - (now - row.written_at).total_seconds()) for row in rows]

    def _drop(self, one: Written) -> None:
        """The row first: what no row knows is not used, and is removed at the next start."""
        with writing(self._engine) as connection:
            connection.execute(delete(map_file).where(map_file.c.mark == one.mark))
        with suppress(OSError):
            self._path(one.mark).unlink(missing_ok=True)
        if self._written is not None and self._written.mark == one.mark:
            self._written = None

    def _tidy(self) -> None:
        """Removes what a crash left, and files that this database does not know."""
        known = {one.mark for one in self._known()}
        for path, mark in _files(self._directory):
            if mark not in known:
                path.unlink(missing_ok=True)

    def _path(self, mark: str) -> Path:
        return self._directory / f"people-{mark}.map"


def build(engine: Engine) -> RecipientIndex:
    """The map of everybody, as the store has it now."""
    with reading(engine) as connection:
        placed = positions.load_all(connection)
    return RecipientIndex.build(placed.ids, placed.lon, placed.lat, placed.radius_m, seq=placed.seq)


def _files(directory: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a map, with its mark; that of a writing that was cut off has none."""
    for path in directory.glob(_LEFTOVERS):
        yield path, ""
    for path in directory.glob("people-*.map"):
        if found := _NAME.fullmatch(path.name):
            yield path, found[1]

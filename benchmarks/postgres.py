"""A private PostgreSQL as a house runs it: what is committed is on the disk. On a socket only, never as root, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

import psycopg
from psycopg import sql

from benchmarks.cluster import Missing, owner
from benchmarks.processes import tree

# The server's own defaults but for memory and the size of its log, as docs/postgresql.md advises; nothing of durability.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "fsync": "on", "synchronous_commit": "on"}
SAID = ", ".join(f"{name}={value}" for name, value in SETTINGS.items())
_START_S = 30.0


class Server:
    """A running one, on a socket in its folder."""

    def __init__(self, folder: Path, command: Sequence[str | Path], user: int | None) -> None:
        self.folder = folder
        self._start = partial(subprocess.Popen, command, cwd="/", user=user, stdout=DEVNULL, stderr=DEVNULL)
        self.start()

    @property
    def pid(self) -> int:
        """The process above all its others."""
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers. Missing."""
        until = time.monotonic() + _START_S
        self._process = self._start()
        while not _answers(self):
            if time.monotonic() > until:
                raise Missing("PostgreSQL did not start")
            if self._process.poll() is not None:  # processes of the one before it are still about to end
                self._process = self._start()
            time.sleep(0.05)

    def kill(self) -> None:
        """Every process of it at once, nothing said to anybody."""
        for pid in tree(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)

    def create(self, name: str) -> str:
        """The URL of a new, empty database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgresql://bench@/{database}?host={self.folder}"


@contextmanager
def running() -> Iterator[Server]:
    """Stopped and removed at the end. Missing."""
    binaries = _binaries()
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = owner(folder)
        made = [binaries / "initdb", "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C", "-D", folder / "db"]
        subprocess.run(made, check=True, stdout=DEVNULL, cwd="/", user=user)
        told = {"listen_addresses": "", "unix_socket_directories": folder} | SETTINGS
        command = [binaries / "postgres", "-D", folder / "db", *(f"--{key}={value}" for key, value in told.items())]
        server = Server(folder, command, user)
        try:
            yield server
        finally:
            server.stop()


def _answers(server: Server) -> bool:
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> Path:
    """The folder of the newest server."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    if not found:
        raise Missing("no PostgreSQL server")
    return max(path.parent for path in found)

"""A private PostgreSQL as a house runs it: what is committed is on the disk. On a socket only, never as root, gone afterwards."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.cluster import Missing, owner

# The server's own defaults but for memory and the size of its log, as docs/postgresql.md advises; nothing of durability.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "fsync": "on", "synchronous_commit": "on"}
SAID = ", ".join(f"{name}={value}" for name, value in SETTINGS.items())
_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running one: the process above all its others, and where its socket is."""

    pid: int
    folder: Path

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
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", "user": owner(folder)}
        made = [binaries / "initdb", "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C", "-D", folder / "db"]
        subprocess.run(made, check=True, **quiet)
        told = {"listen_addresses": "", "unix_socket_directories": folder} | SETTINGS
        command = [binaries / "postgres", "-D", folder / "db", *(f"--{key}={value}" for key, value in told.items())]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **quiet)
        server = Server(process.pid, folder)
        try:
            _wait_for(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_for(server: Server) -> None:
    until = time.monotonic() + _START_S
    while not _answers(server):
        if time.monotonic() > until:
            raise Missing("PostgreSQL did not start")
        time.sleep(0.05)


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

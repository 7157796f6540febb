"""A private PostgreSQL cluster for tests: in a temporary directory, on a socket only, never as root, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg

USER = "lookout"
START_S = 30.0
# No test waits for a disk: what is committed survives a killed server all the same, the machine stays up.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": 200,
    "autovacuum": "off",
    "max_wal_size": "1GB",
    "log_min_messages": "fatal",
}


class Missing(Exception):
    """What is needed to run PostgreSQL and is not here."""


class Cluster:
    """A running server. Databases are copied from a template, which takes a few hundredths of a second."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.folder = folder
        self._binaries = binaries
        self._numbers = count(1)
        self._user = _owner(folder)
        made = [binaries / "initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "-N", "-D", folder / "db"]
        subprocess.run(made, cwd="/", user=self._user, check=True, stdout=subprocess.DEVNULL)
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"test_{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """The database of this URL goes, with whoever is connected to it."""
        self._say(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def rename(self, url: str, name: str) -> None:
        """To be a template from now on."""
        self._say(f"ALTER DATABASE {_name(url)} RENAME TO {name}")

    def start(self) -> None:
        """Returns when it answers."""
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder} | FAST
        told = [f"--{name}={value}" for name, value in settings.items()]
        command = [*_ends_with_us(), self._binaries / "postgres", "-D", self.folder / "db", *told]
        until = time.monotonic() + START_S
        self._server = subprocess.Popen(command, cwd="/", user=self._user, stderr=subprocess.DEVNULL)
        while not self._answers():
            if time.monotonic() > until:
                raise Missing("PostgreSQL does not start")
            if self._server.poll() is not None:  # processes of the one before it are still about to end
                self._server = subprocess.Popen(command, cwd="/", user=self._user, stderr=subprocess.DEVNULL)
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut: every process of the server at once, nothing said to anybody."""
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        for process in (self._server.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._server.wait()

    def stop(self) -> None:
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(START_S)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _say(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # names are ours


@contextmanager
def running() -> Iterator[Cluster]:
    """A cluster, stopped and removed at the end whatever happens. Missing."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="lookout-pg-"))
    cluster = None
    try:
        cluster = Cluster(binaries, folder)
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of the newest server; Missing."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    if not found:
        raise Missing("no PostgreSQL server is installed (initdb)")
    return max(found, key=_version).parent


def _ends_with_us() -> list[str]:
    """So that tests that are killed leave no server behind."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "QUIT"] if setpriv else []


def _version(binary: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in binary.parts if part.isdecimal())


def _owner(folder: Path) -> int | None:
    """Who runs the server: whoever runs this, or where that is root, somebody with less power."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    user = known.get("postgres", known.get("nobody"))
    if user is None:
        raise Missing("no user but root to run PostgreSQL")
    os.chown(folder, user, -1)
    folder.chmod(0o755)
    return user


def _name(url: str) -> str:
    return url.rpartition("?")[0].rpartition("/")[2]

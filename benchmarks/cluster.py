"""A private PostgreSQL cluster with PostGIS: in a temporary directory, on no network, never as root, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

_READY = "-- answered --"
_BYTES_A_PERSON = 300  # heap and index of two tables, and room to spare
_START_S = 30.0
_BLOCK = 1 << 20


class Missing(Exception):
    """What PostGIS would need that is not here."""


@contextmanager
def session(people: int) -> Iterator[Session]:
    """A cluster with memory for so many people, and one connection to it. Missing."""
    binaries = _binaries()
    with tempfile.TemporaryDirectory(prefix="postgis-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", "user": owner(folder)}
        subprocess.run(
            [binaries / "initdb", "-A", "trust", "-U", "bench", "-N", "-D", folder / "db"], check=True, **quiet
        )
        server = subprocess.Popen(_command(binaries, folder, people), stderr=subprocess.DEVNULL, **quiet)
        try:
            with Session(binaries / "psql", folder) as connection:
                yield connection
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


class Session:
    """One connection through psql. RuntimeError with its words when a statement fails."""

    def __init__(self, psql: Path, folder: Path) -> None:
        self.folder = folder
        command: list[str | Path] = [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "bench", "postgres"]
        _wait_for(folder / ".s.PGSQL.5432")
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self._psql = subprocess.Popen(command, **pipes)
        self._backend = int(self.ask("SELECT pg_backend_pid()"))
        self.ask("CREATE EXTENSION postgis")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._psql.communicate(b"\\q\n")

    def ask(self, sql: str) -> bytes:
        """The rows, one line each."""
        to, back = _pipe(self._psql.stdin), _pipe(self._psql.stdout)
        to.write(f"{sql};\n\\echo {_READY}\n".encode())
        to.flush()
        blocks: list[bytes] = []
        while not b"".join(blocks[-2:]).endswith(_READY.encode() + b"\n"):
            block = os.read(back.fileno(), _BLOCK)
            if not block:
                raise RuntimeError(b"".join(blocks).decode())
            blocks.append(block)
        return b"".join(blocks).removesuffix(_READY.encode() + b"\n")

    def server_clock(self) -> float:
        """CPU seconds of the server's process for this connection; it is idle whenever it is asked."""
        return _cpu_seconds(self._backend)

    def clock(self) -> float:
        """CPU seconds of the server's process, of psql, and of this one."""
        return _cpu_seconds(self._backend) + _cpu_seconds(self._psql.pid) + time.process_time()


def _binaries() -> Path:
    """The folder of the newest server with PostGIS."""
    found = shutil.which("postgres")
    servers = [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), *([Path(found).resolve()] if found else [])]
    if not servers:
        raise Missing("no PostgreSQL server")
    ready = [server for server in servers if _has_postgis(server.parent)]
    if not ready:
        raise Missing("PostgreSQL is there, PostGIS is not")
    return max(server.parent for server in ready)


def _has_postgis(binaries: Path) -> bool:
    shared = subprocess.run([binaries / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    return (Path(shared.stdout.strip()) / "extension" / "postgis.control").exists()


def owner(folder: Path) -> int | None:
    """Who runs the server: whoever runs this, or where that is root, somebody with less power."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    user = known.get("postgres", known.get("nobody"))
    if user is None:
        raise Missing("no user but root to run PostgreSQL")
    os.chown(folder, user, -1)
    return user


def _command(binaries: Path, folder: Path, people: int) -> list[str | Path]:
    """One process a query, all in memory, nothing to disk that need not be."""
    memory_mb = max(256, people * _BYTES_A_PERSON // 2**20)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "shared_buffers": f"{memory_mb}MB",
        "maintenance_work_mem": "1GB",
        "work_mem": "512MB",
        "max_parallel_workers_per_gather": 0,
        "max_parallel_maintenance_workers": 0,
        "jit": "off",
        "fsync": "off",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "16GB",
        "autovacuum": "off",
    }
    return [binaries / "postgres", "-D", folder / "db", *(f"--{name}={value}" for name, value in settings.items())]


def _wait_for(socket: Path) -> None:
    until = time.monotonic() + _START_S
    while not socket.exists():
        if time.monotonic() > until:
            raise Missing("PostgreSQL did not start")
        time.sleep(0.05)


def _cpu_seconds(process: int) -> float:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe

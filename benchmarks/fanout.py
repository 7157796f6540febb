"""`python -m benchmarks.fanout`: all figures of the fan-out, the whole path over N people (a million unless N says so).

First the parts, on one core each and beside their peers: the sender, the encryption, the ledger on both databases. Then
the whole path, on all cores, with nothing left out. What the machine could do at the best follows from the parts.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import encrypting, ledgering, postgres, report, senders, sending, timing
from benchmarks.cluster import Missing
from benchmarks.report import Row, at_least, at_most, figure
from benchmarks.sending import RATE_PER_S, WORKERS, Sent

PEOPLE = 1_000_000
FEWER = 10  # the memory of a worker is measured with so many times fewer people as well
CORES = 2
IN_FLIGHT = 256
LIBRARIES = ("pyreqwest", "aiohttp", "cryptography", "pywebpush", "psycopg", "SQLAlchemy", "uvloop")
SETTINGS = f"PostgreSQL with {postgres.SAID}; SQLite in WAL mode; {WORKERS} workers; the receiver may get {RATE_PER_S:,.0f} a second"


def main() -> None:
    count = int(os.environ.get("N", PEOPLE))
    before = os.getloadavg()[0]
    print(f"{count:,} people; load average before: {before:.2f}\n")
    rows: dict[str, Row] = {}
    for row in _all(count, rows):
        report.show(row)
        rows[row.name] = row
    missed = [row.name for row in rows.values() if row.reached is False]
    machine = report.machine(LIBRARIES) | {"load_before": round(before, 2), "settings": SETTINGS}
    path = report.write(list(rows.values()), count, "fanout.json", machine)
    print(f"\n{path}: {len(missed)} goals not reached{': ' if missed else ''}{', '.join(missed)}")


def _all(count: int, known: dict[str, Row]) -> Iterator[Row]:
    """`known` are the rows so far: what the machine could do follows from them."""
    with timing.on_one_core():
        yield from senders.rows()
        yield from encrypting.rows()
        yield from ledgering.sqlite_rows()
    try:
        with postgres.running() as server:
            yield from ledgering.postgresql_rows(server)
            yield from _paths(server, count, limit(known))
    except Missing as missing:
        yield report.absent("PostgreSQL", str(missing))


def _paths(server: postgres.Server, count: int, most: float | None) -> Iterator[Row]:
    few = _path(server.create("few"), count // FEWER, server.pid)
    many = _path(server.create("many"), count, server.pid)
    light = _path("", count, None)
    yield from _rates(many, light, most)
    hurried = _path(server.create("hurried"), count // FEWER, server.pid, ahead=False)
    yield figure(
        "whole path, PostgreSQL, no key made ahead", hurried.rate, "pushes/s", "an update right behind its alert"
    )
    yield from _spent("PostgreSQL", many)
    yield from _spent("SQLite", light)
    for name, sent in (("PostgreSQL", many), ("SQLite", light)):
        note = f"{sent.people:,} people matched; all planned after {sent.planned_s:.3g} s"
        yield at_most(f"approval to first delivery, {name}", sent.first_s, "s", 1.0, note)
    for sent in (few, many, light):
        yield at_most(
            _memory(sent, light), sent.worker_bytes / 2**20, "MB", 150.0, "the largest of them, at its largest"
        )


def _path(url: str, people: int, server_pid: int | None, *, ahead: bool = True) -> Sent:
    with tempfile.TemporaryDirectory() as name:
        return sending.measure(url, Path(name), people, server_pid, ahead=ahead)


def _rates(many: Sent, light: Sent, most: float | None) -> Iterator[Row]:
    note = f"from the approval to the last of {many.people:,}; keys made ahead by idle workers; receiver and database on the same cores"
    yield at_least("whole path, PostgreSQL", many.rate, "pushes/s", 8_000, note)
    yield at_least(
        "whole path, SQLite by PostgreSQL", 100 * light.rate / many.rate, "%", 80, f"{light.rate:,.0f} a second"
    )
    if most is None:
        yield report.absent("whole path by the limit", "its parts were not measured")
        return
    how = f"key generation, ECDH and wrk's send a push, on {CORES} cores"
    yield figure("limit of the whole path", most, "pushes/s", how)
    yield at_least("whole path by the limit", 100 * many.rate / most, "%", 35, "PostgreSQL")


def _spent(name: str, sent: Sent) -> Iterator[Row]:
    for who, seconds in sorted(sent.cpu.items()):
        yield figure(f"CPU a push, {name}, {who}", 1e6 * seconds / sent.people, "us")


def _memory(sent: Sent, light: Sent) -> str:
    return f"memory of a worker, {sent.people:,} people, {'SQLite' if sent is light else 'PostgreSQL'}"


def limit(rows: dict[str, Row]) -> float | None:
    """Pushes a second if nothing but their least were done: a key, an ECDH and a send by wrk each; None: not measured."""
    parts = ("key generation on P-256", "OpenSSL's ECDH on P-256", f"wrk, {IN_FLIGHT} in flight")
    if not rows.keys() >= set(parts):
        return None
    return CORES / sum(1 / rows[part].value for part in parts)


if __name__ == "__main__":
    main()

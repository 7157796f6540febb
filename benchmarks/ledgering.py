"""The ledger alone: recipients added, batches claimed, totals read, bytes written, beside a table with a row a recipient.

Times on SQLite are CPU time, on a server the wall's (`clock_of`).

`python -m benchmarks.ledgering` measures both engines alone, `python -m benchmarks.ledgering sqlite` one of them. `rows(engine)` measures on the engine given (its tables are made and dropped here), `sqlite_rows()` on a file of its
own. The row-per-recipient table is what most senders have: an insert a recipient in one statement of many values, an
index by state; its outcomes are written window by window, as ours are.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
from sqlalchemy import BigInteger, Column, Engine, Index, Integer, MetaData, SmallInteger, Table, insert, text, update

from alerts.database import make_engine
from alerts.tallying import list_deliveries
from benchmarks import postgres, timing
from benchmarks.report import Row, at_least, at_most, figure, renew, show
from benchmarks.timing import median, timed
from notifiers import bits, choosing, fanout, ledger, tables
from notifiers.bulk import insert_rows
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.latency import counted
from notifiers.ledger import Settled, Telling, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.transactions import Lock, delivering, reading, shared, writing

PEOPLE = 1_000_000
TURNS = 40
ORIGINS = 3  # three push services: a worker claims a batch of each in one turn, with an equal part of its window
WINDOW = 256
LOOKS = 15
BATCHES_WRITTEN = 240  # so many batches are sent whole, window by window, and so many thousand plain rows
SENT = Outcome(Result.SENT, "201")

plain_metadata = MetaData()
plain = Table(  # what a table with a row a recipient needs at the least
    "plain_delivery",
    plain_metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", Integer, nullable=False),
    Column("subscription_id", Integer, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Index("plain_queue", "state", "next_at"),
    Index("plain_notice", "notice_id", "state"),
)


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes that the database wrote of itself: its log, since that is what has to reach the disk at a commit."""

    engine: Engine

    def now(self) -> int:
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                path = Path(f"{self.engine.url.database}-wal")
                return path.stat().st_size if path.exists() else 0
            return int(connection.execute(text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")).scalar_one())

    def during(self, work: Callable[[], object]) -> tuple[float, int]:
        """Seconds, and bytes. SQLite's log is emptied before, and grows until the end."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        before = self.now()
        seconds, _ = timed(work, clock=clock_of(self.engine))
        return seconds, self.now() - before


def clock_of(engine: Engine) -> Callable[[], float]:
    """SQLite works in this process, so its time is this process's CPU time (what else the machine does, and the disk's
    waits, are left out); a server's work is seen by the clock on the wall alone.
    """
    return time.process_time if engine.dialect.name == "sqlite" else time.perf_counter


def main() -> None:
    """The engines named, or both; the figures take the place of those in the results of the whole fan-out.

    On a busy machine SQLite's alone say something: they are CPU time.
    """
    asked, load, found = sys.argv[1:] or ["sqlite", "postgresql"], os.getloadavg()[0], list[Row]()
    if "sqlite" in asked:
        with timing.on_one_core():
            found += _shown(sqlite_rows())
    if "postgresql" in asked:
        with postgres.running() as server:
            found += _shown(postgresql_rows(server))
    print(renew(found, "fanout.json", load))


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        show(row)
        yield row


def postgresql_rows(server: postgres.Server, people: int = PEOPLE) -> Iterator[Row]:
    """On a server as a house runs it; what workers do as workers are connected to it."""
    url = server.create("ledger")
    engine, worker = make_engine(url), make_engine(url, worker=True)
    yield from rows(engine, people, worker)
    engine.dispose()
    worker.dispose()


def sqlite_rows(people: int = PEOPLE) -> Iterator[Row]:
    """On a SQLite file with the settings of the house, but for the log, which is kept so that it can be weighed."""
    with tempfile.TemporaryDirectory() as directory:
        engine = make_engine(f"sqlite:///{directory}/ledger.db")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        yield from rows(_unbounded(engine), people)
        engine.dispose()


def rows(engine: Engine, people: int = PEOPLE, worker: Engine | None = None) -> Iterator[Row]:
    """All figures on this engine; the names begin with its dialect. `worker`: to the same database, set up for workers."""
    worker = worker or engine
    tables.metadata.create_all(engine)
    plain_metadata.create_all(engine)
    name = f"ledger on {engine.dialect.name}"
    wrote = Wrote(engine)
    try:
        notice_id = _notice(engine)
        yield from _adding(engine, wrote, name, notice_id, people)
        yield from _claiming(worker, name)
        yield from _writing(worker, wrote, name)
        yield from _totals(engine, name)
    finally:
        plain_metadata.drop_all(engine)


def _adding(engine: Engine, wrote: Wrote, name: str, notice_id: int, people: int) -> Iterator[Row]:
    chosen, ranks = _people(people), _ranks(people)
    ours_s, ours_bytes = wrote.during(lambda: fanout._plan(engine, notice_id, chosen, ranks))  # noqa: SLF001
    plain_s, plain_bytes = wrote.during(lambda: _add_plainly(engine, people))
    million = people / 1e6
    yield at_most(
        f"{name}: a million recipients added", ours_s / million, "s", 0.2, f"a row each: {plain_s / million:.3g} s"
    )
    yield at_least(f"{name}: times less written than a row a recipient, adding", plain_bytes / ours_bytes, "times", 30)
    yield figure(
        f"{name}: bytes written a recipient, adding",
        ours_bytes / people,
        "bytes",
        f"a row each: {plain_bytes / people:.3g}",
    )


def _totals(engine: Engine, name: str) -> Iterator[Row]:
    """All that one look at a dashboard asks, in the middle of a fan-out: every batch has outcomes and a latency."""
    _half_sent(engine)

    def look() -> None:
        with reading(engine) as connection:
            list_deliveries(connection)

    seconds = median(timed(look, clock=clock_of(engine))[0] for _ in range(LOOKS))
    yield at_most(f"{name}: totals for a dashboard", 1e3 * seconds, "ms", 10)


def _half_sent(engine: Engine) -> None:
    """As if of every batch the first half were sent, within a second."""
    counts = counted(b"", datetime(2026, 1, 1, tzinfo=UTC), [datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)])
    half = {"sent": bits.pack(bits.full(480), 1000), "n_sent": 480, "latency": counts}
    with writing(engine) as connection:
        now = database_now(connection)
        unsent = update(tables.batch).where(tables.batch.c.n_sent == 0)
        connection.execute(unsent.values(first_sent_at=now, last_sent_at=now, **half))


def _claiming(engine: Engine, name: str) -> Iterator[Row]:
    """One worker claims as many as it may hold, in one commit, with an equal part of its window for each; and one by
    one. What it holds is put aside, as others' work would be, outside the time.
    """
    several, rate = _claims(engine, ORIGINS)
    _, one_by_one = _claims(engine, 1)
    plain_s, _ = timed(lambda: [_commit(engine) for _ in range(100)], clock=clock_of(engine))
    yield figure(f"{name}: one-row updates committed, same run", 100 / plain_s, "a second", "what there is")
    note = f"{ORIGINS} in one commit, {WINDOW // ORIGINS} positions of each; one by one {one_by_one:,.0f}"
    yield at_least(f"{name}: batches claimed by one worker", rate, "a second", 700, note)
    _put_back(engine, several, "claimed")
    finish_s, count = timed(lambda: _finish(engine, several), clock=clock_of(engine))
    whole = count / finish_s
    note = f"{ORIGINS} batches to their end, {WINDOW} recipients a commit"
    yield figure(f"{name}: recipients checkpointed by one worker", whole, "a second", note)


def _claims(engine: Engine, at_once: int) -> tuple[list[ledger.Claim], float]:
    """Those of the last turn, and how many were claimed a second; the first turn, which prepares statements, is left out."""
    newcomer = WINDOW // at_once
    want = Want("bench", ("push",), WINDOW, 3600, newcomer=newcomer, batches=at_once)
    held = _claim(engine, want)
    seconds, count = 0.0, 0
    for _ in range(TURNS):
        _put_back(engine, held, "done")
        took_s, held = timed(_claim, engine, want, clock=clock_of(engine))
        seconds, count = seconds + took_s, count + len(held)
    return held, count / seconds


def _claim(engine: Engine, want: Want) -> list[ledger.Claim]:
    with delivering(engine) as connection:
        return ledger.claim_some(connection, want)


def _commit(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.notice).values(matched=tables.notice.c.reach))


def _put_back(engine: Engine, claims: list[ledger.Claim], state: str) -> None:
    ids = [one.batch_id for one in claims]
    with writing(engine) as connection:
        connection.execute(update(tables.batch).where(tables.batch.c.id.in_(ids)).values(state=state))


def _writing(engine: Engine, wrote: Wrote, name: str) -> Iterator[Row]:
    """Outcomes, as a worker tells them: a window a commit, and where batches end, the next are claimed in the same one;
    beside it the same as updates of plain rows, in one commit a window.
    """
    want = Want("bench", ("push",), WINDOW, 3600, newcomer=WINDOW // ORIGINS, batches=ORIGINS)

    sent = 0

    def ours() -> None:
        nonlocal sent
        held = _claim(engine, want)
        for rest in reversed(range(BATCHES_WRITTEN // ORIGINS)):
            count, held = _work_off(engine, held, want if rest else None)
            sent += count

    seconds, written = wrote.during(ours)
    plain_s, plain_written = wrote.during(lambda: _send_plainly(engine, sent))
    note = f"a row each: {plain_s / seconds:.3g} times the time"
    yield at_least(
        f"{name}: times less written than a row a recipient, sending", plain_written / written, "times", 30, note
    )


def _finish(engine: Engine, claims: list[ledger.Claim]) -> int:
    """To the end, and nothing after it; how many there were."""
    return _work_off(engine, claims, None)[0]


def _work_off(engine: Engine, claims: list[ledger.Claim], want: Want | None) -> tuple[int, list[ledger.Claim]]:
    """Every commit settles what was under way, a window in all, and starts as many of each, or, where nothing is left
    of them, claims what is wanted. How many there were, and what was claimed.
    """
    count, claimed = 0, list[ledger.Claim]()
    going = [(one, one.starts) for one in claims]
    while going:
        with delivering(engine) as connection:
            shared(connection, Lock.NOTICE, [one.notice_id for one, _ in going])
            now = database_now(connection)
            told = [
                Telling(
                    one, Turn([Settled(position, SENT, now) for position in starts], room=WINDOW // len(claims)), True
                )
                for one, starts in going
            ]
            after = ledger.checkpoints(connection, told, Random(1))
            count += sum(len(starts) for _, starts in going)
            gates = {one.notice_id for one, _ in going}
            going = [(one, here.starts) for (one, _), here in zip(going, after, strict=True) if here and here.starts]
            if want and not going:
                claimed = ledger.claim_some(connection, want, gates=gates)
    return count, claimed


def _people(count: int) -> Eligible:
    """All who are enrolled, in the order of enrolment: who lives where, and who has which browser, is by chance."""
    ids = np.arange(1, count + 1, dtype=np.uint32)
    lanes = tuple(("push", f"https://push-{number}.example:443") for number in range(ORIGINS))
    return Eligible(ids, ids, np.random.default_rng(2).integers(0, ORIGINS, count), lanes)


def _ranks(count: int) -> np.ndarray:
    return np.random.default_rng(1).choice(np.array(fanout.RINGS_M), count)


def _notice(engine: Engine) -> int:
    with writing(engine) as connection:
        now = database_now(connection)
        row = {
            "incident_id": 1, "incident": "bench", "version": 1, "number": 1, "kind": "alert", "status": "Actual",
            "state": "planned", "paused": False, "approved_at": now, "expires_at": now + timedelta(days=1),
            "area_digest": "", "reach": PEOPLE, "sealed": b"",
        }  # fmt: skip
        return int(connection.execute(insert(tables.notice).values(**row).returning(tables.notice.c.id)).scalar_one())


def _add_plainly(engine: Engine, people: int) -> None:
    for start in range(1, people + 1, choosing.CHUNK):
        ids = range(start, min(people + 1, start + choosing.CHUNK))
        with writing(engine) as connection:
            insert_rows(connection, plain, [
                {"notice_id": 1, "subscription_id": id_, "channel": 1, "state": 0, "attempts": 0, "next_at": 0}
                for id_ in ids
            ])  # fmt: skip


def _send_plainly(engine: Engine, people: int) -> None:
    """Under way before the send, sent after it, a commit a window each, as the crash rule wants it."""
    for start in range(1, people + 1, WINDOW):
        window = plain.c.id.between(start, min(people, start + WINDOW - 1))
        for values in ({"state": 1}, {"state": 2, "sent_at": 1_800_000_000_000_000, "attempts": 1}):
            with writing(engine) as connection:
                connection.execute(update(plain).where(window).values(**values))


def _unbounded(engine: Engine) -> Engine:
    """SQLite folds its log into the file by itself at some size; here it must not, or its size says nothing."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def keep(connection: object, _record: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # type: ignore[attr-defined]

    engine.dispose()
    return engine


if __name__ == "__main__":
    main()

"""The ledger alone: recipients added, batches claimed, totals read, bytes written, beside a table with a row a recipient.

Times on SQLite are CPU time, on a server the wall's (`clock_of`).

`rows(engine)` measures on the engine given (its tables are made and dropped here), `sqlite_rows()` on a file of its
own. The row-per-recipient table is what most senders have: an insert a recipient in one statement of many values, an
index by state; its outcomes are written window by window, as ours are.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
from sqlalchemy import BigInteger, Column, Engine, Index, Integer, MetaData, SmallInteger, Table, insert, text, update

from alerts.database import make_engine
from alerts.tallying import list_deliveries
from benchmarks.report import Row, at_least, at_most, figure, show
from benchmarks.timing import median, timed
from notifiers import fanout, ledger, tables
from notifiers.bulk import insert_rows
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.transactions import reading, writing

PEOPLE = 1_000_000
CLAIMS = 400
MOST_HELD = 20
WINDOW = 256
LOOKS = 15
BATCHES_WRITTEN = 20  # so many batches are sent whole, window by window, and so many thousand plain rows
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
    for row in sqlite_rows():
        show(row)


def sqlite_rows(people: int = PEOPLE) -> Iterator[Row]:
    """On a SQLite file with the settings of the house, but for the log, which is kept so that it can be weighed."""
    with tempfile.TemporaryDirectory() as directory:
        engine = make_engine(f"sqlite:///{directory}/ledger.db")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        yield from rows(_unbounded(engine), people)
        engine.dispose()


def rows(engine: Engine, people: int = PEOPLE) -> Iterator[Row]:
    """All figures on this engine; the names begin with its dialect."""
    tables.metadata.create_all(engine)
    plain_metadata.create_all(engine)
    name = f"ledger on {engine.dialect.name}"
    wrote = Wrote(engine)
    try:
        notice_id = _notice(engine)
        yield from _adding(engine, wrote, name, notice_id, people)
        yield from _totals(engine, name)
        yield from _claiming(engine, name)
        yield from _writing(engine, wrote, name)
    finally:
        plain_metadata.drop_all(engine)


def _adding(engine: Engine, wrote: Wrote, name: str, notice_id: int, people: int) -> Iterator[Row]:
    chosen = _people(people)
    ours_s, ours_bytes = wrote.during(lambda: fanout._plan(engine, notice_id, chosen, np.sort(_ranks(people))))  # noqa: SLF001
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
    """All that one look at a dashboard asks."""

    def look() -> None:
        with reading(engine) as connection:
            list_deliveries(connection)

    seconds = median(timed(look, clock=clock_of(engine))[0] for _ in range(LOOKS))
    yield at_most(f"{name}: totals for a dashboard", 1e3 * seconds, "ms", 10)


def _claiming(engine: Engine, name: str) -> Iterator[Row]:
    """One worker claims, one transaction each; what it holds is put aside, as others' work would be, outside the time."""
    want = Want("bench", ("push",), WINDOW, 3600)
    held: list[ledger.Claim] = []
    seconds = sum(timed(_claim, engine, want, held, clock=clock_of(engine))[0] for _ in range(CLAIMS // MOST_HELD))
    rate = CLAIMS / seconds
    plain_s, _ = timed(lambda: [_commit(engine) for _ in range(MOST_HELD * 5)], clock=clock_of(engine))
    yield figure(f"{name}: one-row updates committed, same run", MOST_HELD * 5 / plain_s, "a second", "what there is")
    yield at_least(f"{name}: batches claimed by one worker", rate, "a second", 700, "a transaction each")
    _put_back(engine, held[-BATCHES_WRITTEN:], "claimed")
    finish_s, _ = timed(lambda: [_finish(engine, one) for one in held[-BATCHES_WRITTEN:]], clock=clock_of(engine))
    yield figure(f"{name}: recipients checkpointed by one worker", BATCHES_WRITTEN * 1000 / finish_s, "a second")


def _claim(engine: Engine, want: Want, held: list[ledger.Claim]) -> None:
    """As many as a server's workers hold at a time."""
    if held:
        _put_back(engine, held[-MOST_HELD:], "done")
    for _ in range(MOST_HELD):
        with writing(engine) as connection:
            found = ledger.claim(connection, want)
        assert found is not None
        held.append(found)


def _commit(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.notice).values(matched=tables.notice.c.reach))


def _put_back(engine: Engine, claims: list[ledger.Claim], state: str) -> None:
    ids = [one.batch_id for one in claims]
    with writing(engine) as connection:
        connection.execute(update(tables.batch).where(tables.batch.c.id.in_(ids)).values(state=state))


def _writing(engine: Engine, wrote: Wrote, name: str) -> Iterator[Row]:
    """Outcomes: a claim, a checkpoint a window, the end; and the same as updates of plain rows in one commit a window."""
    want = Want("bench", ("push",), WINDOW, 3600)

    def ours() -> None:
        for _ in range(BATCHES_WRITTEN):
            with writing(engine) as connection:
                found = ledger.claim(connection, want)
            assert found is not None
            _finish(engine, found)

    seconds, written = wrote.during(ours)
    plain_s, plain_written = wrote.during(lambda: _send_plainly(engine, BATCHES_WRITTEN * 1000))
    note = f"a row each: {plain_s / seconds:.3g} times the time"
    yield at_least(
        f"{name}: times less written than a row a recipient, sending", plain_written / written, "times", 30, note
    )


def _finish(engine: Engine, claim: ledger.Claim) -> None:
    """To the end: every checkpoint settles what was under way and starts the next window."""
    starts = claim.starts
    while starts:
        with writing(engine) as connection:
            now = database_now(connection)
            turn = Turn([Settled(position, SENT, now) for position in starts], room=WINDOW)
            progress = ledger.checkpoint(connection, claim, turn, collapses=True, rng=Random(1))
        assert progress is not None
        starts = progress.starts


def _people(count: int) -> Eligible:
    ids = np.arange(1, count + 1, dtype=np.uint32)
    lanes = tuple(("push", f"https://push-{number}.example:443") for number in range(3))
    return Eligible(ids, ids, (ids % 3).astype(np.intp), lanes)


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
    for start in range(1, people + 1, fanout.CHUNK):
        ids = range(start, min(people + 1, start + fanout.CHUNK))
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

"""`python -m benchmarks.receipts`: delivery receipts a second on PostgreSQL, as a server takes them in.

Signatures and HTTP are left out: this is what the ledger bears, with every receipt committed and on the disk before it
is answered. Receipts come in any order, as providers send them; `BATCHES=1` lets all be of one batch.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
from sqlalchemy import Engine, func, select

from alerts.database import make_engine
from alerts.receipts import Taken, record
from benchmarks import postgres
from notifiers import ledger, tables
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.ledger import Candidates, Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.receipts import seals
from notifiers.transactions import writing
from notifiers.vault import Vault

PROCESSES = 2
THREADS = 40  # at once in each, as a server has them
RECEIPTS = 10_000
SENT, DELIVERED = Outcome(Result.SENT, "201"), Outcome(Result.SENT, "delivered")


def main() -> None:
    batches, count = int(os.environ.get("BATCHES", "20")), int(os.environ.get("N", RECEIPTS))
    with postgres.running() as server, tempfile.TemporaryDirectory() as keys:
        url = server.create("receipts")
        engine = make_engine(url)
        tables.metadata.create_all(engine)
        places = _sent(engine, batches, -(-count // batches))[:count]
        parts = [places[number::PROCESSES] for number in range(PROCESSES)]
        with ProcessPoolExecutor(PROCESSES) as pool:
            seconds = max(pool.map(_report, [url] * PROCESSES, [keys] * PROCESSES, parts))
        with engine.connect() as connection:
            arrived = connection.scalar(select(func.sum(tables.delivered.c.count)))
        engine.dispose()
    print(f"{count:,} receipts of {batches} batches: {count / seconds:,.0f} a second, {count - int(arrived or 0)} lost")


def _sent(engine: Engine, batches: int, size: int) -> list[tuple[int, int]]:
    """The places of a notice that was sent to all, in any order."""
    with writing(engine) as connection:
        now = database_now(connection)
        connection.execute(
            tables.notice.insert().values(_notice() | {"approved_at": now, "expires_at": now + timedelta(hours=1)})
        )
        ids = np.arange(1, batches * size + 1, dtype=np.uint32)
        lanes = tuple(("sms", f"origin-{number}") for number in range(batches))
        chosen = Eligible(ids, ids, (ids % batches).astype(np.intp), lanes)
        ledger.plan_once(connection, 1, Candidates(chosen, np.zeros(len(ids))))
        places = []
        while (claim := ledger.claim(connection, Want("bench", ("sms",), size, 60.0))) is not None:
            turn = Turn([Settled(position, SENT, now) for position in claim.starts])
            ledger.checkpoint(connection, claim, turn, collapses=False, rng=Random(1))
            places += [(claim.batch_id, position) for position in claim.starts]
    Random(1).shuffle(places)
    return places


def _notice() -> dict[str, object]:
    return {
        "id": 1, "incident_id": 1, "incident": "x", "version": 1, "number": 1, "kind": "alert", "status": "Actual",
        "state": "planned", "paused": False, "area_digest": "", "reach": 9, "sealed": b"",
    }  # fmt: skip


def _report(url: str, keys: str, places: list[tuple[int, int]]) -> float:
    """Seconds until all were taken in."""
    engine, vault = make_engine(url), Vault(Path(keys))
    seal = seals(vault).seal
    named = [seal(*place) for place in places]

    def one(seal: str) -> bool:
        return record(engine, vault, seal, DELIVERED, datetime.now(UTC)) is Taken.RECORDED

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        assert all(pool.map(one, named))
        took = time.perf_counter() - began
    engine.dispose()
    return took


if __name__ == "__main__":
    main()

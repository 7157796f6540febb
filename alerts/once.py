"""One request, one act: what a request left is kept by its Idempotency-Key, so that a retry gets the same and does nothing.

As draft-ietf-httpapi-idempotency-key-header says. Keys belong to the caller, live a day, and are bounded. What an act left
is written in the act's own transaction: a crash between the commit and the answer loses nothing. All of it is sealed:
under the incident's key where it speaks of a case, so that it goes with the case.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from alerts import errors
from alerts.tables import answered
from notifiers.transactions import writing
from notifiers.vault import KeyGone, Vault

KEPT = timedelta(hours=24)
RUNS = timedelta(seconds=60)  # who has not answered by then died; a retry takes over, and the late one commits nothing
MOST = 1_000  # keys of one caller in that time
HOUSE_KEY = "answers"  # seals what speaks of no case


@dataclass(slots=True)
class Run:
    """A request that is being answered. `left`: what an earlier try left before it died, if it did."""

    engine: Engine
    vault: Vault
    caller: bytes
    key_hash: bytes
    run: str
    left: bytes | None = None
    key_name: str = HOUSE_KEY


_current: ContextVar[Run | None] = ContextVar("answering", default=None)


def begin(engine: Engine, vault: Vault, caller: str, key: str, fingerprint: bytes, now: datetime) -> Run | bytes:
    """The request is this one's to answer, or what was answered before. KeyReused, StillRunning, TooOften; Over when
    what was answered is gone with the case.
    """
    mine = (hashlib.sha256(caller.encode()).digest(), hashlib.sha256(key.encode()).digest())
    if not vault.exists(HOUSE_KEY):
        with suppress(FileExistsError):
            vault.create(HOUSE_KEY)
    with writing(engine) as connection:
        connection.execute(delete(answered).where(answered.c.begun_at < now - KEPT))
        row = connection.execute(select(answered).where(_is(*mine)).with_for_update()).one_or_none()
        if row is None:
            return _new(connection, Run(engine, vault, *mine, secrets.token_hex(16)), fingerprint, now)
        if row.fingerprint != fingerprint:
            raise errors.KeyReused("this Idempotency-Key came with another request before")
        if row.sealed_answer is not None:
            return _open(vault, row.key_name, row.sealed_answer)
        return _take_over(connection, vault, row, now)


def current() -> Run | None:
    """The request that is being answered here, if it has a key."""
    return _current.get()


def enter(run: Run) -> Token[Run | None]:
    """What is done from here on in this context is done for `run`."""
    return _current.set(run)


def leave(token: Token[Run | None]) -> None:
    _current.reset(token)


def keep(connection: Connection, left: bytes, key_name: str = HOUSE_KEY) -> None:
    """What the act left, in its own transaction. StillRunning where another has taken over: then nothing is done here."""
    run = _current.get()
    if run is None:
        return
    run.key_name = key_name
    values = {"key_name": key_name, "sealed_left": run.vault.seal(key_name, left)}
    if not _mine(connection, run, values):
        raise errors.StillRunning("the same request is being answered elsewhere")


def finish(run: Run, answer: bytes) -> None:
    """What was answered, for whoever asks again."""
    with suppress(errors.Over), writing(run.engine) as connection:
        _mine(connection, run, {"key_name": run.key_name, "sealed_answer": _seal(run, answer)})


def drop(run: Run) -> None:
    """It came to nothing: the key is free again. What an act left stays."""
    with writing(run.engine) as connection:
        nothing = answered.c.sealed_left.is_(None) & (answered.c.run == run.run)
        connection.execute(delete(answered).where(_is(run.caller, run.key_hash), nothing))


def _new(connection: Connection, run: Run, fingerprint: bytes, now: datetime) -> Run:
    held = connection.scalar(select(func.count()).select_from(answered).where(answered.c.caller == run.caller))
    if (held or 0) >= MOST:
        raise errors.TooOften(60.0)
    values = {"caller": run.caller, "key_hash": run.key_hash, "fingerprint": fingerprint, "run": run.run}
    connection.execute(insert(answered).values(begun_at=now, **values))
    return run


def _take_over(connection: Connection, vault: Vault, row: Any, now: datetime) -> Run:
    """What was done is only told again; what may be under way is left alone until it must be dead."""
    if row.sealed_left is None and now - row.begun_at < RUNS:
        raise errors.StillRunning("the same request is still being answered")
    left = None if row.sealed_left is None else _open(vault, row.key_name, row.sealed_left)
    name = row.key_name or HOUSE_KEY
    run = Run(connection.engine, vault, row.caller, row.key_hash, secrets.token_hex(16), left, name)
    connection.execute(update(answered).where(_is(row.caller, row.key_hash)).values(run=run.run, begun_at=now))
    return run


def _mine(connection: Connection, run: Run, values: dict[str, Any]) -> bool:
    ours = update(answered).where(_is(run.caller, run.key_hash), answered.c.run == run.run).values(**values)
    return connection.execute(ours).rowcount == 1


def _is(caller: bytes, key_hash: bytes) -> Any:
    return (answered.c.caller == caller) & (answered.c.key_hash == key_hash)


def _seal(run: Run, answer: bytes) -> bytes:
    try:
        return run.vault.seal(run.key_name, answer)
    except KeyGone:  # the case ended meanwhile, and what was answered of it goes as well
        raise errors.Over(_GONE) from None


def _open(vault: Vault, key_name: str, sealed: bytes) -> bytes:
    try:
        return vault.open(key_name, sealed)
    except KeyGone:
        raise errors.Over(_GONE) from None


_GONE = "this was done; the alert is over by now, and what was answered is gone with it"

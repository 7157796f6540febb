"""How a transaction begins, and in which order locks are taken: the one place that knows how the engines differ in it.

SQLite upgrades a reading transaction to a writing one only if nobody wrote in between; otherwise it fails at once,
whatever the busy time-out. So every transaction that may write takes the writer lock first (`BEGIN IMMEDIATE`) and
then waits its turn. The house relies on that: what it read it may write, nobody came in between. PostgreSQL has no
such lock, so `writing` takes one of its own there. Only what many machines do at the same time, planning and sending,
does without it (`delivering`), and locks what it needs, always in this order, so that no two wait for each other:

1. the house (`writing`)
2. gates of notices, the lower id first: shared by who plans or starts sends, alone for who ends the notice
3. the door of an incident: one planner at a time
4. rows of batches; whoever takes another's batch over, or claims, skips those that are locked
5. the sequence of the positions (`geo.store`), then rows of subscriptions, recipients and positions

Locks 1 to 3 are advisory: fair, so that a cancel never waits for a row of workers that goes on and on, and they end
with the transaction or the connection. Where two wait for each other all the same, one is told so and tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TypeVar

from sqlalchemy import BigInteger, BindParameter, Connection, Engine, func, literal, select, text
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

_AGAIN = frozenset({"40001", "40P01"})  # serialization failure, deadlock: nothing was done, and next time it may be
_TRIES = 3


class Lock(IntEnum):
    """What may be locked by its number; on SQLite every writer holds all of them."""

    HOUSE = 1
    NOTICE = 2
    DOOR = 3  # of an incident


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed when the block ends, rolled back when it raises.

    Everything read inside is current (no other writer of the house can be between the read and the write). Keep it
    short: all other writers wait. Never do network I/O inside.
    """
    with delivering(engine) as connection:
        alone(connection, Lock.HOUSE)
        yield connection


@contextmanager
def delivering(engine: Engine) -> Iterator[Connection]:
    """As `writing`, but on PostgreSQL others write at the same time: whoever uses it locks what it relies on."""
    with engine.connect() as connection, connection.begin():
        _start(connection, "BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: all its statements see one snapshot, and it blocks nobody."""
    with engine.connect() as connection:
        if _has_locks(connection):
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            _start(connection, "BEGIN")
            yield connection


def alone(connection: Connection, what: Lock, number: int = 0) -> None:
    """Until the transaction ends nobody else is here, whether alone or shared; waits for who is."""
    if _has_locks(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_key(what, number))))


def shared(connection: Connection, what: Lock, numbers: Iterable[int]) -> None:
    """Until the transaction ends nobody is alone in these; waits for who is."""
    if _has_locks(connection):
        keys = [what << 40 | number for number in sorted(set(numbers))]
        if keys:
            connection.execute(_SHARED, {"keys": keys})


def shared_at_once(connection: Connection, what: Lock, number: int) -> bool:
    """As `shared`, without a wait: False if somebody is alone there, or waits to be."""
    if not _has_locks(connection):
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock_shared(_key(what, number)))))


def again_if_crossed(work: Callable[[], T]) -> T:
    """What `work`, a whole transaction, returns; it is tried again when the database ended it to end a deadlock."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    return work()


# One after the other, in the order of the list.
_SHARED = text("SELECT pg_advisory_xact_lock_shared(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def _key(what: Lock, number: int) -> BindParameter[int]:
    return literal(what << 40 | number, BigInteger)


def _has_locks(connection: Connection) -> bool:
    return connection.dialect.name != "sqlite"


def _start(connection: Connection, statement: str) -> None:
    """Begins as told, however the engine's driver is set up (it may have begun a deferred one: nothing was read yet)."""
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.dbapi_connection
    if driver is not None and getattr(driver, "in_transaction", False):
        driver.execute("ROLLBACK")
    connection.exec_driver_sql(statement)

"""How a transaction begins: the one place that knows that SQLite must be told at once whether it is going to write.

SQLite upgrades a reading transaction to a writing one only if nobody wrote in between; otherwise it fails at once,
whatever the busy time-out. So every transaction that may write takes the writer lock first (`BEGIN IMMEDIATE`) and
then waits its turn. On PostgreSQL rows are locked where they are read (`FOR UPDATE`), and both are a plain begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed when the block ends, rolled back when it raises.

    Everything read inside is current (no other writer can be between the read and the write on SQLite). Keep it
    short: all other writers wait. Never do network I/O inside.
    """
    with engine.connect() as connection, connection.begin():
        _start(connection, "BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: on SQLite all its statements see one snapshot and block nobody."""
    with engine.connect() as connection, connection.begin():
        _start(connection, "BEGIN")
        yield connection


def _start(connection: Connection, statement: str) -> None:
    """Begins as told, however the engine's driver is set up (it may have begun a deferred one: nothing was read yet)."""
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.dbapi_connection
    if driver is not None and getattr(driver, "in_transaction", False):
        connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql(statement)

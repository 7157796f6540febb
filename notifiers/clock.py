"""Two clocks that crash safety rests on: the database's (whose lease is it) and the machine's (how old is my knowledge).

All workers of a database compare leases on its one clock, so their own may be wrong. How long ago a worker made sure
that it still holds a lease is measured on a clock that goes on while the machine sleeps: a laptop that wakes up, or a
virtual machine that is resumed, must not believe that no time has passed.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from geo.columns import UtcTime

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # elsewhere the monotonic one is the best there is


class DatabaseNow(FunctionElement[datetime]):
    """The database's present time as an expression, to be compared inside one statement."""

    type = UtcTime()
    inherit_cache = True


@compiles(DatabaseNow)
def _standard(_element: DatabaseNow, _compiler: Any, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"


@compiles(DatabaseNow, "sqlite")
def _sqlite(_element: DatabaseNow, _compiler: Any, **_: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"  # whole milliseconds in SQLite


def database_now(connection: Connection) -> datetime:
    """The database's own clock, aware UTC."""
    return connection.execute(_NOW).scalar_one()


_NOW = select(DatabaseNow())


def awake_s() -> float:
    """Seconds on a clock that never jumps and that counts suspended time (CLOCK_BOOTTIME)."""
    return time.clock_gettime(_BOOTTIME)

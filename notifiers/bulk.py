"""Rows by the hundred thousand, in and out: straight to the driver, past SQLAlchemy's work on every single value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert

from geo.columns import UtcTime, microseconds

CHUNK = 5_000  # values in one statement; SQLite takes at most 32,766


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; times are aware datetimes or None, everything else as the driver likes."""
    if not rows:
        return
    names = list(rows[0])
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=names)
    order = compiled.positiontup or names
    times = [place for place, name in enumerate(order) if isinstance(table.c[name].type, UtcTime)]
    pick = itemgetter(*order)
    values = [_values(pick(row), times) for row in rows]
    if compiled.positiontup is None:
        connection.exec_driver_sql(str(compiled), [dict(zip(order, one, strict=True)) for one in values])
    else:
        connection.exec_driver_sql(str(compiled), values)


def rows_in(connection: Connection, query: str, values: Sequence[Any], *before: Any) -> Iterator[Sequence[Any]]:
    """The rows of `query`, whose `{values}` stands for any number of values; `before` are those of its `?` before them.

    The query is the caller's own constant text: nothing of the outside may be in it.
    """
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        statement = query.replace("?", mark).replace("{values}", ", ".join([mark] * len(chunk)))
        cursor: Any = connection.exec_driver_sql(statement, (*before, *chunk)).cursor
        yield from cursor.fetchall()


def _values(row: tuple[Any, ...], times: Sequence[int]) -> tuple[Any, ...]:
    """The row with its times as they are stored."""
    if not times:
        return row
    values = list(row)
    for place in times:
        if values[place] is not None:
            values[place] = _stored(values[place])
    return tuple(values)


_stored = lru_cache(maxsize=1024)(microseconds)  # the rows of one import share a few times

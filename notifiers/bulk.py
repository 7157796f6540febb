"""Rows by the hundred thousand, in and out: straight to the driver, past SQLAlchemy's work on every single value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, text

from geo.columns import UtcTime, microseconds

CHUNK = 5_000  # values in one statement; SQLite takes at most 32,766


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; times are aware datetimes or None, everything else as the driver likes."""
    if not rows:
        return
    names = tuple(rows[0])
    times = [place for place, name in enumerate(names) if isinstance(table.c[name].type, UtcTime)]
    pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    values = [_values(pick(row), times) for row in rows]
    if connection.dialect.paramstyle == "qmark":
        connection.exec_driver_sql(_by_place(table, connection.dialect, names), values)
        return
    for start in range(0, len(values), CHUNK):
        _insert_columns(connection, table, names, values[start : start + CHUNK])


def new_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Numbers for as many new rows, ascending, which nobody else gets: for rows that name each other.

    On SQLite they are taken once a row with the last of them is written, in this same transaction (it has the writer lock).
    """
    if connection.dialect.name != "sqlite":
        return sorted(connection.scalars(_NEXT, {"table": table.name, "count": count}))
    last = connection.scalar(_LAST, {"table": table.name}) or 0
    return list(range(last + 1, last + 1 + count))


def rows_in(connection: Connection, query: str, values: Sequence[Any], *before: Any) -> Iterator[Sequence[Any]]:
    """The rows of `query`, in which `IN ({values})` stands for any number of values; `before` are those of its `?` before them.

    The query is the caller's own constant text: nothing of the outside may be in it.
    """
    by_place = connection.dialect.paramstyle == "qmark"
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        if by_place:
            statement, given = query.replace("{values}", ", ".join("?" * len(chunk))), (*before, *chunk)
        else:  # one statement, however many they are
            statement, given = query.replace("?", "%s").replace(" IN ({values})", " = ANY(%b)"), (*before, list(chunk))
        cursor: Any = connection.exec_driver_sql(statement, given).cursor
        yield from cursor.fetchall()


def _insert_columns(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """One statement that is given columns, not rows; a column that holds one value throughout is that one value."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    same = tuple(column.count(column[0]) == len(column) for column in columns)
    same = same if not all(same) else (False,) * len(same)  # of columns alone, something has to say how many rows
    values = [column[0] if one else column for column, one in zip(columns, same, strict=True)]
    connection.exec_driver_sql(_by_column(table, connection.dialect, names, same), tuple(values))


_NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = :table")  # kept by AUTOINCREMENT, which all such tables have


@lru_cache(maxsize=64)
def _by_place(table: Table, dialect: Dialect, names: tuple[str, ...]) -> str:
    given = ", ".join("?" * len(names))
    return f"INSERT INTO {_quoted(table, dialect, names)} VALUES ({given})"  # noqa: S608  # names of our own tables


@lru_cache(maxsize=64)
def _by_column(table: Table, dialect: Dialect, names: tuple[str, ...], same: tuple[bool, ...]) -> str:
    """As PostgreSQL writes it: parts of `unnest` beside each other are rows."""
    types = (table.c[name].type.compile(dialect) for name in names)
    given = (f"%s::{type_}" if one else f"unnest(%b::{type_}[])" for type_, one in zip(types, same, strict=True))
    return f"INSERT INTO {_quoted(table, dialect, names)} SELECT {', '.join(given)}"


def _quoted(table: Table, dialect: Dialect, names: tuple[str, ...]) -> str:
    quote = dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(map(quote, names))})"


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

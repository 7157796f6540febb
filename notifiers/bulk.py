"""Rows by the hundred thousand into one table: the driver's own executemany, past SQLAlchemy's work on every single row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

from geo.columns import UtcTime, microseconds


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; times are aware datetimes or None, everything else as the driver likes."""
    if not rows:
        return
    names = list(rows[0])
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=names)
    order = compiled.positiontup or names
    times = {name for name in names if isinstance(table.c[name].type, UtcTime)}
    values = [_values(row, order, times) for row in rows]
    if compiled.positiontup is None:
        connection.exec_driver_sql(str(compiled), [dict(zip(order, one, strict=True)) for one in values])
    else:
        connection.exec_driver_sql(str(compiled), values)


def _values(row: Mapping[str, Any], order: Sequence[str], times: set[str]) -> tuple[Any, ...]:
    return tuple(_time(row[name]) if name in times else row[name] for name in order)


def _time(at: Any) -> int | None:
    return None if at is None else microseconds(at)

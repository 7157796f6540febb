"""Column types that the tables of all three packages share (lowest floor, so that none imports upwards for them)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Serial = BigInteger().with_variant(Integer(), "sqlite")  # unsigned 32 bits and more; SQLite counts INTEGER keys only


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime kept as whole microseconds since 1970.

    SQLite has no time type and drops the zone of a text one; an integer sorts, compares and adds the same in
    SQLite and PostgreSQL. A naive datetime is refused with ValueError: it has no place on the time line.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def microseconds(at: datetime) -> int:
    """`at` (aware) as whole microseconds since 1970-01-01T00:00Z; ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"a time without zone has no place on the time line: {at!r}")
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """What `microseconds` counted."""
    return _EPOCH + timedelta(microseconds=count)

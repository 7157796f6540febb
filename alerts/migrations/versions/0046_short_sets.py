"""Sets of positions and counts by time are stored in short forms (`notifiers.bits`, `notifiers.latency`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import iter_unpack, pack
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

_SETS = ("in_flight", "sent", "gone", "refused", "gave_up", "dropped", "in_doubt", "doubted", "repeated")
_BUCKETS = 32
_batch = sa.table("batch", sa.column("id"), sa.column("latency"), *(sa.column(name) for name in _SETS))
_delivered = sa.table("delivered", sa.column("batch_id"), sa.column("positions"))

Change = Callable[[bytes], bytes]


def upgrade() -> None:
    """A whole set is a window of which no byte is left out."""
    _rewrite(_longer, _sparse)


def downgrade() -> None:
    _rewrite(_whole, _dense)


def _rewrite(of_set: Change, of_counts: Change) -> None:
    changes = dict.fromkeys(_SETS, of_set) | {"latency": of_counts}
    _each(_batch, _batch.c.id, changes)
    _each(_delivered, _delivered.c.batch_id, {"positions": of_set})


def _each(table: Any, key: Any, changes: dict[str, Change]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).mappings().all():
        values = {name: change(bytes(row[name])) for name, change in changes.items() if row[name]}
        if values:
            connection.execute(sa.update(table).where(key == row[key.name]).values(**values))


def _longer(whole: bytes) -> bytes:
    return b"\0" + whole


def _whole(stored: bytes) -> bytes:
    """A bit a position, in little bit order."""
    if stored[0] == 0x7F:
        found: int = sum(((1 << count) - 1) << first for first, count in iter_unpack("<HH", stored[1:]))
    else:
        alike = stored[0] & 0x7F
        found = int.from_bytes(stored[1:], "little") << 8 * alike
        found |= (1 << 8 * alike) - 1 if stored[0] & 0x80 else 0
    return int(found).to_bytes((found.bit_length() + 7) // 8, "little")


def _sparse(dense: bytes) -> bytes:
    return _pairs((bucket, count) for bucket, (count,) in enumerate(iter_unpack("<I", dense)))


def _pairs(counts: Iterable[tuple[int, int]]) -> bytes:
    return b"".join(pack("<BH", bucket, count) for bucket, count in counts if count)


def _dense(sparse: bytes) -> bytes:
    counts = [0] * _BUCKETS
    for bucket, count in iter_unpack("<BH", sparse):
        counts[bucket] += count
    return pack(f"<{_BUCKETS}I", *counts)

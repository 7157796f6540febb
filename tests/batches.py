"""Who is in the batches of a ledger, read by tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from notifiers.packing import unpack
from notifiers.tables import batch, batch_ids


def list_ids(connection: Connection, *chosen: Any) -> list[list[int]]:
    """The ids of each batch (of those chosen by conditions on `batch`), in their order."""
    rows = connection.execute(select(batch_ids.c.subscription_ids, batch.c.size).join(batch).where(*chosen))
    return [unpack(*row).tolist() for row in rows]

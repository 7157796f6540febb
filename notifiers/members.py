"""Who is in a batch: written once, when it is planned, and read when somebody takes it.

Their ids lie beside the batch and not in it: a database writes a changed row anew, whole, and a batch's outcomes change
at every checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from notifiers.bulk import insert_rows
from notifiers.packing import Ids, pack
from notifiers.tables import batch, batch_ids

# The packed ids as a column beside those of a batch; looked up only for the rows that a statement returns.
IDS = (
    select(batch_ids.c.subscription_ids)
    .where(batch_ids.c.batch_id == batch.c.id)
    .scalar_subquery()
    .label("subscription_ids")
)


def write(connection: Connection, batch_ids_: Sequence[int], ids: Sequence[Ids]) -> None:
    """Who is in each of these new batches."""
    rows = [{"batch_id": id_, "subscription_ids": pack(some)} for id_, some in zip(batch_ids_, ids, strict=True)]
    insert_rows(connection, batch_ids, rows)

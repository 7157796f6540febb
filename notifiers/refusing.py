"""Of which classes of alerts a person does not want to hear. Rows only for people who said so; a class is a word here.

It counts for what is planned after it was said. Who was told of an alert hears how it goes on and that it is over.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from geo import store as positions
from notifiers.tables import refused_class


def read(connection: Connection, recipient_id: int) -> frozenset[str]:
    known = select(refused_class.c.alert_class).where(refused_class.c.recipient_id == recipient_id)
    return frozenset(connection.scalars(known))


def write(connection: Connection, recipient_id: int, classes: Iterable[str]) -> None:
    """In place of what they refused before; every map hears of it, so that a reach counts without them."""
    rows = [{"recipient_id": recipient_id, "alert_class": one} for one in sorted(set(classes))]
    connection.execute(delete(refused_class).where(refused_class.c.recipient_id == recipient_id))
    if rows:
        connection.execute(insert(refused_class), rows)
    positions.touch(connection, [recipient_id])

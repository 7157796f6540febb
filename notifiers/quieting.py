"""Who has quiet hours, and until when those hold back what is planned now. A row only for people who have some."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from geo.columns import microseconds
from notifiers.model import OUTLETS
from notifiers.quiet import QuietHours
from notifiers.tables import quiet_hours

Ids = NDArray[np.uint32]

# An inbox makes no sound, and outlets stand for nobody who sleeps.
AT_ALL_HOURS = frozenset({"inbox", *OUTLETS})
_ROWS = (quiet_hours.c.recipient_id, quiet_hours.c.starts, quiet_hours.c.ends, quiet_hours.c.zone)


def read(connection: Connection, recipient_id: int) -> QuietHours | None:
    row = connection.execute(select(*_ROWS[1:]).where(quiet_hours.c.recipient_id == recipient_id)).one_or_none()
    return None if row is None else QuietHours(*row)


def write(connection: Connection, recipient_id: int, hours: QuietHours | None) -> None:
    """In place of what they had; None: no quiet hours any more."""
    connection.execute(delete(quiet_hours).where(quiet_hours.c.recipient_id == recipient_id))
    if hours is not None:
        values = {"starts": hours.starts, "ends": hours.ends, "zone": hours.zone}
        connection.execute(insert(quiet_hours).values(recipient_id=recipient_id, **values))


def held_until(connection: Connection, recipient_ids: Ids, now: datetime) -> NDArray[np.int64] | None:
    """For each of the recipients (in any order, perhaps twice) the microsecond since 1970 at which their quiet hours end;
    0 where they are not in any. None if nobody is: most of the time, and told by one look.
    """
    if not len(recipient_ids) or connection.execute(select(quiet_hours.c.recipient_id).limit(1)).first() is None:
        return None
    span = quiet_hours.c.recipient_id.between(int(recipient_ids.min()), int(recipient_ids.max()))
    rows = connection.execute(select(*_ROWS).where(span).order_by(quiet_hours.c.recipient_id)).all()
    known = {tuple(row[1:]): 0 for row in rows}
    for hours in known:
        until = QuietHours(*hours).until(now)
        known[hours] = 0 if until is None else microseconds(until)
    if not any(known.values()):
        return None
    return _looked_up(recipient_ids, np.array([(row[0], known[tuple(row[1:])]) for row in rows], np.int64))


def _looked_up(recipient_ids: Ids, table: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """`table`: (id, until), ascending."""
    ids, untils = table[:, 0], table[:, 1]
    place = np.minimum(np.searchsorted(ids, recipient_ids), len(ids) - 1)
    found = np.where(ids[place] == recipient_ids, untils[place], 0)
    return found if found.any() else None

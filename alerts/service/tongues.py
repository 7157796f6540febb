"""The languages that somebody reads, in order: each alert comes in the first that its authority wrote it in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from alerts.errors import Refused
from alerts.languages import known_language
from alerts.model import Problem
from alerts.services import Services
from geo import store as positions
from notifiers.tables import subscription
from notifiers.transactions import reading, writing

MOST = 3
_LONGEST = 35  # characters of all of them with blanks between


def read(services: Services, recipient_id: int) -> tuple[str, ...]:
    """As of the newest way by which they are told; nothing for who has none."""
    mine = select(subscription.c.language).where(subscription.c.recipient_id == recipient_id)
    with reading(services.engine) as connection:
        return tuple((connection.scalar(mine.order_by(subscription.c.id.desc()).limit(1)) or "").split())


def write(services: Services, recipient_id: int, languages: Sequence[str]) -> None:
    """On every way by which they are told, from the next message on. Refused with every fault."""
    said, faults = [], []
    for place, one in enumerate(languages):
        try:
            said.append(known_language(one))
        except ValueError as fault:
            faults.append(Problem.error("language", f"/languages/{place}", str(fault)))
    whole = " ".join(dict.fromkeys(said))
    if not faults and not (0 < len(languages) <= MOST and len(whole) <= _LONGEST):
        faults.append(Problem.error("languages", "/languages", f"one to {MOST} languages, the one you read best first"))
    if faults:
        raise Refused(faults)
    with writing(services.engine) as connection:
        theirs = update(subscription).where(subscription.c.recipient_id == recipient_id)
        connection.execute(theirs.values(language=whole))
        positions.touch(connection, [recipient_id])

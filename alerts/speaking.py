"""In which languages this house speaks: of the catalogues that nobody reviewed, those that an operator switched on.

A sandbox speaks all of them, marked. What an alert itself says is not asked here: it is shown as its authors gave it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from alerts.console_tables import language_on
from notifiers.catalogues import NAMES, Spoken, reviewed


def always() -> Spoken:
    """What needs no operator: English, and what a native reader has reviewed."""
    return frozenset(tag for tag in NAMES if reviewed(tag))


def switched_on(connection: Connection) -> Spoken:
    """What operators answer for."""
    return frozenset(connection.scalars(select(language_on.c.language))) & NAMES.keys()


def switch(connection: Connection, language: str, officer_id: int, now: datetime, *, on: bool) -> bool:
    """On or off; whether that changed anything."""
    if (language in switched_on(connection)) == on:
        return False
    if on:
        connection.execute(insert(language_on).values(language=language, officer_id=officer_id, switched_at=now))
    else:
        connection.execute(delete(language_on).where(language_on.c.language == language))
    return True

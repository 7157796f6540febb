"""To whom tips are encrypted: one key pair of each agency at a time, older ones for the tips they were used for.

A pair that the house made keeps its private half sealed under a key of the vault, outside the database. Of a pair that the
agency made itself, only the public half is here: then nobody here can read a tip once it is stored.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from alerts import tip_box
from alerts.console_tables import tip_key
from notifiers.vault import Damaged, KeyGone, Vault


@dataclass(frozen=True, slots=True)
class TipKey:
    """`ours`: the house can open what is encrypted to it."""

    id: int
    agency_id: int
    public: bytes
    ours: bool
    created_at: datetime


def current(connection: Connection, vault: Vault, agency_id: int, now: datetime) -> TipKey:
    """The agency's key of now; made by the house where there is none, or where what it was sealed under was lost."""
    found = find(connection, agency_id)
    if found is not None and (not found.ours or vault.exists(_name(agency_id))):
        return found
    return _make(connection, vault, agency_id, now)


def find(connection: Connection, agency_id: int) -> TipKey | None:
    """The agency's key of now, if any."""
    mine = select(tip_key).where(tip_key.c.agency_id == agency_id, tip_key.c.retired_at.is_(None))
    row = connection.execute(mine.order_by(tip_key.c.id.desc()).limit(1)).one_or_none()
    return _key(row) if row else None


def change(connection: Connection, vault: Vault, agency_id: int, public: bytes | None, now: datetime) -> None:
    """From now on tips are encrypted to this key of the agency's own; None: to one that the house makes.

    What came before opens with the keys before.
    """
    if public is None:
        _make(connection, vault, agency_id, now)
    else:
        _retire(connection, agency_id, now)
        connection.execute(insert(tip_key).values(agency_id=agency_id, public_key=public, created_at=now))


def private_keys(connection: Connection, vault: Vault, agency_id: int) -> dict[int, bytes]:
    """By the id of the key all private halves of an agency that are here and can be opened."""
    rows = connection.execute(select(tip_key).where(tip_key.c.agency_id == agency_id, tip_key.c.sealed.is_not(None)))
    found = {}
    for row in rows:
        with suppress(KeyGone, Damaged):  # sealed under a key directory that was lost
            found[row.id] = vault.open(_name(agency_id), row.sealed)
    return found


def _make(connection: Connection, vault: Vault, agency_id: int, now: datetime) -> TipKey:
    _retire(connection, agency_id, now)
    with suppress(FileExistsError):
        vault.create(_name(agency_id))
    pair = tip_box.new_pair()
    row = {"agency_id": agency_id, "public_key": pair.public, "sealed": vault.seal(_name(agency_id), pair.private)}
    done: Any = connection.execute(insert(tip_key).values(created_at=now, **row))
    return TipKey(int(done.inserted_primary_key[0]), agency_id, pair.public, ours=True, created_at=now)


def _retire(connection: Connection, agency_id: int, now: datetime) -> None:
    used = (tip_key.c.agency_id == agency_id) & tip_key.c.retired_at.is_(None)
    connection.execute(update(tip_key).where(used).values(retired_at=now))


def _name(agency_id: int) -> str:
    return f"tips-agency-{agency_id}"


def _key(row: Row[Any]) -> TipKey:
    return TipKey(row.id, row.agency_id, row.public_key, row.sealed is not None, row.created_at)

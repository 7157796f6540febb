"""Whom a partner means by its own id for a person. The id itself is not kept: a keyed hash knows it again.

The partner's name is part of what is hashed, so that a partner can only ever mean its own people. Of who left, the
hash stays (`left_address`, channel "person"): no import brings them back under another address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from notifiers import addresses
from notifiers.bulk import insert_rows, rows_in
from notifiers.tables import left, person

LEFT = "person"  # where the channel stands of an address that left


class Known(NamedTuple):
    """The recipient whom an id means."""

    recipient_id: int
    public_id: str


def keyed_hash(secret: bytes, partner: str, own_id: str) -> bytes:
    """Of the id that `partner` (a name without NUL) gave a person; `secret` is `addresses.secret(vault)`."""
    return addresses.keyed_hash(secret, LEFT, f"{partner}\0{own_id}")


def find(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, int]:
    """The recipients' ids of those that are known."""
    query = "SELECT hash, recipient_id FROM person WHERE hash IN ({values})"
    return {bytes(hash_): recipient_id for hash_, recipient_id in rows_in(connection, query, hashes)}


def find_whole(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, Known]:
    """As `find`, with what the outside calls them."""
    query = (
        "SELECT person.hash, recipient.id, recipient.public_id FROM person "
        "JOIN recipient ON recipient.id = person.recipient_id WHERE person.hash IN ({values})"
    )
    return {bytes(hash_): Known(*rest) for hash_, *rest in rows_in(connection, query, hashes)}


def left_among(connection: Connection, hashes: Sequence[bytes]) -> set[bytes]:
    """Those of people who left."""
    query = "SELECT address_hash FROM left_address WHERE channel = ? AND address_hash IN ({values})"
    return {bytes(row[0]) for row in rows_in(connection, query, hashes, LEFT)}


def name(connection: Connection, recipients: Mapping[bytes, int]) -> None:
    """From now on these hashes mean these recipients. IntegrityError if one means somebody already."""
    insert_rows(connection, person, [{"hash": hash_, "recipient_id": one} for hash_, one in recipients.items()])


def leave(connection: Connection, recipient_id: int, now: datetime) -> None:
    """The recipient left: what is known of a partner's id stays behind as the hash of one who left."""
    hashes = list(connection.scalars(select(person.c.hash).where(person.c.recipient_id == recipient_id)))
    for hash_ in hashes:
        connection.execute(delete(person).where(person.c.hash == hash_))
        connection.execute(delete(left).where(left.c.channel == LEFT, left.c.address_hash == hash_))
        connection.execute(insert(left).values(channel=LEFT, address_hash=hash_, left_at=now))

"""How often an address may be asked whether it is its person's: bounded by what is stored, so that all servers count
together. Rows hold keyed hashes only, for a day.

One an hour and three a day an address: nobody can use us to pester a stranger. Thirty an hour a network: a school
subscribes in one lesson, a pump does not.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from alerts.people_tables import confirmation
from notifiers import addresses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AN_HOUR, A_DAY = 1, 3  # an address
A_NETWORK = 30  # an hour


def network_hash(secret: bytes, client: str) -> bytes:
    """`client`: the address that asks, as text; counted by what one party has (/24, or /64 of IPv6)."""
    return addresses.keyed_hash(secret, "network", _network(client))


def take(connection: Connection, address: bytes, network: bytes, now: datetime) -> float:
    """0.0: one more may be sent, and is counted. Else the seconds until then, and nothing is counted."""
    wait_s = max(
        _wait(connection, confirmation.c.address_hash == address, AN_HOUR, HOUR, now),
        _wait(connection, confirmation.c.address_hash == address, A_DAY, DAY, now),
        _wait(connection, confirmation.c.network_hash == network, A_NETWORK, HOUR, now),
    )
    if not wait_s:
        connection.execute(delete(confirmation).where(confirmation.c.sent_at < now - DAY))
        connection.execute(insert(confirmation).values(address_hash=address, network_hash=network, sent_at=now))
    return wait_s


def _wait(connection: Connection, whose: ColumnElement[bool], most: int, span: timedelta, now: datetime) -> float:
    recent = select(confirmation.c.sent_at).where(whose, confirmation.c.sent_at > now - span)
    bounding = recent.order_by(confirmation.c.sent_at.desc()).offset(most - 1).limit(1)
    oldest: datetime | None = connection.scalar(bounding)
    return 0.0 if oldest is None else max(1.0, (oldest + span - now).total_seconds())


def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))

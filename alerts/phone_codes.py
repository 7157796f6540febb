"""Codes that prove that a phone is the person's own who signs up: made, counted, checked. Rows hold keyed hashes only.

Six digits, ten minutes, five tries, used once. An attacker who asks for as many codes as a number may get has 15 guesses
an hour in a million. Numbers and networks are bounded by what is stored, so that all servers count together.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from alerts.people_tables import phone_code
from notifiers import addresses

DIGITS = 6
LIVES_S = 600
MOST_TRIES = 5
HOUR_S = 3600.0
MOST_A_NUMBER = 3  # an hour
MOST_A_NETWORK = 10  # an hour: a family behind one address, not a pump
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a code for which number: keyed hashes."""

    phone: bytes
    network: bytes


def asking(secret: bytes, phone: str, client: str) -> Asking:
    """`client`: the address that asks, as text; counted by its network (/24 or /48), which is what one party has."""
    return Asking(addresses.keyed_hash(secret, "sms", phone), addresses.keyed_hash(secret, "network", _network(client)))


def make_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(secret: bytes, phone: str, code: str) -> bytes:
    return hmac.digest(secret, f"phone code\0{phone}\0{code}".encode(), "sha256")


def wait_s(connection: Connection, who: Asking, now: datetime) -> float:
    """Seconds until another code may be sent for this number and to this network; 0.0: now."""
    number = _wait(connection, phone_code.c.phone_hash == who.phone, MOST_A_NUMBER, now)
    return max(number, _wait(connection, phone_code.c.network_hash == who.network, MOST_A_NETWORK, now))


def add(connection: Connection, who: Asking, code_hash: bytes, now: datetime) -> None:
    """The code that counts from now on; what is older than a day is forgotten."""
    connection.execute(delete(phone_code).where(phone_code.c.sent_at < now - KEPT))
    values = {"phone_hash": who.phone, "network_hash": who.network, "code_hash": code_hash, "sent_at": now, "tries": 0}
    connection.execute(insert(phone_code).values(**values, expires_at=now + timedelta(seconds=LIVES_S)))


def use(connection: Connection, phone_hash: bytes, code_hash: bytes, now: datetime) -> bool:
    """Whether this is the newest code of the number, still good; it is used up then. Every look counts as a try.

    The caller commits whatever the answer: a try that is rolled back was none.
    """
    newest = select(phone_code).where(phone_code.c.phone_hash == phone_hash).order_by(phone_code.c.id.desc()).limit(1)
    row = connection.execute(newest.with_for_update()).one_or_none()
    open_ = row is not None and row.used_at is None and row.expires_at > now and row.tries < MOST_TRIES
    same = hmac.compare_digest(row.code_hash if row is not None else bytes(32), code_hash)
    if row is not None and open_:
        values = {"tries": row.tries + 1} | ({"used_at": now} if same else {})
        connection.execute(update(phone_code).where(phone_code.c.id == row.id).values(**values))
    return open_ and same


def _wait(connection: Connection, whose: ColumnElement[bool], most: int, now: datetime) -> float:
    since = now - timedelta(seconds=HOUR_S)
    recent = whose & (phone_code.c.sent_at > since)
    if (connection.scalar(select(func.count()).select_from(phone_code).where(recent)) or 0) < most:
        return 0.0
    sent = select(phone_code.c.sent_at).where(recent).order_by(phone_code.c.sent_at.desc()).offset(most - 1).limit(1)
    oldest: datetime = connection.execute(sent).scalar_one()
    return max(1.0, (oldest - since).total_seconds())


def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))

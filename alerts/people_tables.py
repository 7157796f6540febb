"""The tables of those who enrol people, and of the questions whether an address is its person's. Hashes only."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table

from alerts.tables import metadata
from geo.columns import UtcTime

partner = Table(  # a platform that enrols its own people and tells where they are
    "partner",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # as in `recipient.partner`
    Column("created_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

partner_key = Table(
    "partner_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("partner_id", ForeignKey("partner.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of a random key, found by its id
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    sqlite_autoincrement=True,
)

phone_code = Table(  # codes that numbers are confirmed by (`alerts.phone_codes`): hashes only, kept for a day
    "phone_code",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phone_hash", LargeBinary, nullable=False),  # keyed (HMAC), as in `subscription.address_hash`
    Column("network_hash", LargeBinary, nullable=False),  # keyed: who asked, by /24 or /48
    Column("code_hash", LargeBinary, nullable=False),  # keyed, of number and code
    Column("sent_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("used_at", UtcTime),
    Index("phone_code_number", "phone_hash", "id"),
    Index("phone_code_network", "network_hash", "sent_at"),
    Index("phone_code_age", "sent_at"),
    sqlite_autoincrement=True,
)

confirmation = Table(  # questions whether an address is its person's (`alerts.confirmations`): hashes, for a day
    "confirmation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", LargeBinary, nullable=False),  # keyed (HMAC), as in `subscription.address_hash`
    Column("network_hash", LargeBinary, nullable=False),  # keyed: who asked, by /24 or /64
    Column("sent_at", UtcTime, nullable=False),
    Index("confirmation_address", "address_hash", "sent_at"),
    Index("confirmation_network", "network_hash", "sent_at"),
    Index("confirmation_age", "sent_at"),
    sqlite_autoincrement=True,
)

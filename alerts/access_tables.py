"""The tables of who may enter: keys, sessions, passkeys, and what is proposed of people by one and confirmed by another."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, false

from alerts.tables import metadata
from geo.columns import UtcTime

credential = Table(  # API keys
    "credential",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of a random key
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("name", String(64), nullable=False, server_default=""),  # what it is for
    Column("purpose", String(8), nullable=False, server_default="live"),  # live, drill, test
    Column("roles", String(40), nullable=False, server_default=""),  # never more than its officer's
    Column("used_at", UtcTime),  # last, to the minute
    Column("waiting", Boolean, nullable=False, server_default=false()),  # granted, not yet collected by its officer
    sqlite_autoincrement=True,
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    sqlite_autoincrement=True,
)

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("seen_at", UtcTime),  # the last act of its person, to the minute; None: none yet
    Column("drill", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,
)

passkey = Table(  # WebAuthn credentials: public keys only
    "passkey",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False, index=True),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),  # what its person calls it
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("removed_at", UtcTime),
    sqlite_autoincrement=True,
)

challenge = Table(  # what an authenticator is to sign, once and soon (WebAuthn section 13.4.3)
    "challenge",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("officer_id", ForeignKey("officer.id")),  # whose passkey is to be registered
    Column("expires_at", UtcTime, nullable=False, index=True),
)

pending_change = Table(  # of people, keys, agencies and jurisdictions: proposed by one, confirmed by another
    "pending_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("agency_id", ForeignKey("agency.id"), index=True),  # whose; None: of the house
    Column("content", Text, nullable=False),  # JSON
    Column("content_hash", String(64), nullable=False),
    Column("proposed_by", ForeignKey("officer.id"), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("decided_by", ForeignKey("officer.id")),
    Column("decided_at", UtcTime),
    Column("outcome", String(12)),  # confirmed, declined
    sqlite_autoincrement=True,
)

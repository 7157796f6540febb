"""The tables of authorities, incidents, messages and the log. All that is of a child lies in `sealed` columns,
encrypted by `notifiers.vault` under the incident's key; the rest of the row must not tell who it is about.

Ids are AUTOINCREMENT serials, never reused; what the outside sees are random tokens.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from geo.columns import UtcTime

metadata = MetaData()

house = Table(  # one row: what this database is for good
    "house",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", String(8), nullable=False),
    CheckConstraint("id = 1", name="house_one"),
    CheckConstraint("mode IN ('sandbox', 'live')", name="house_mode"),
)

job_lease = Table(  # which server runs a scheduled job (`alerts.leases`), on the database's clock
    "job_lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("fence", Integer, nullable=False),  # grows with every change of holder
)

map_file = Table(  # files with the map of this very store (`alerts.map_file`), and up to which change
    "map_file",
    metadata,
    Column("mark", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("written_at", UtcTime, nullable=False),
)

agency = Table(
    "agency",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("programme", String(32), nullable=False),
    Column("sender", String(200), nullable=False),  # CAP sender of its alerts
    Column("jurisdiction", Text, nullable=False),  # JSON, Shape.to_geojson
    Column("created_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

officer = Table(
    "officer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agency_id", ForeignKey("agency.id"), index=True),  # None: the operator, who belongs to the house
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    CheckConstraint("role IN ('officer', 'operator')", name="officer_role"),
    CheckConstraint("(role = 'officer') = (agency_id IS NOT NULL)", name="officer_agency"),
    sqlite_autoincrement=True,
)

credential = Table(  # API keys
    "credential",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of a random key
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
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
    sqlite_autoincrement=True,
)

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

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(32), nullable=False, unique=True),  # /a/{token}, and the tag of every notification
    Column("agency_id", ForeignKey("agency.id"), nullable=False, index=True),
    Column("status", String(8), nullable=False),  # CAP status
    Column("key_name", String(64), nullable=False),  # the vault's key for all that is sealed
    Column("opened_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),  # of the message in force; None while nothing is
    Column("ended_at", UtcTime),
    Column("ended_why", String(16)),  # cancelled, expired, withdrawn, rejected
    Column("key_destroyed_at", UtcTime),
    Index("incident_expiry", "ended_at", "expires_at"),
    sqlite_autoincrement=True,
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),  # what the API calls the alert
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(20), nullable=False),
    Column("origin_hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of (sender, identifier, sent): replays
    Column("content_hash", String(64), nullable=False),
    Column("area_digest", String(64), nullable=False),
    Column("reach", Integer, nullable=False),  # recipients counted when it was last looked at by the service
    Column("sealed", LargeBinary, nullable=False),  # the Alert
    Column("sealed_area", LargeBinary, nullable=False),  # the effective Shape
    Column("sealed_note", LargeBinary),  # why it was returned or rejected
    Column("problems", SmallInteger, nullable=False),  # warnings and advice the approver must see
    Column("created_by", ForeignKey("officer.id"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_by", ForeignKey("officer.id")),
    Column("decided_at", UtcTime),
    Column("approved_at", UtcTime),  # None: people were never told of it
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("incident_id", "number", name="message_number"),
    sqlite_autoincrement=True,
)

author = Table(  # who wrote a part of a message: none of them may approve it
    "author",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

photo = Table(
    "photo",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("sealed_small_jpeg", LargeBinary, nullable=False),
    Column("sealed_small_webp", LargeBinary, nullable=False),
    Column("sealed_full_jpeg", LargeBinary, nullable=False),
    Column("sealed_full_webp", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),  # of the full size
    Column("height", Integer, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(  # append only; each row's hash covers the row and the hash before it
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(64), nullable=False),  # officer:3, system
    Column("action", String(32), nullable=False),
    Column("incident_id", Integer),
    Column("message_id", Integer),
    Column("detail", Text, nullable=False),  # JSON of numbers and hashes, nothing of a child
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

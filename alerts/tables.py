"""The tables of authorities, incidents, messages and the log. All that is of a child lies in `sealed` columns,
encrypted by `notifiers.vault` under the incident's key; the rest of the row must not tell who it is about.

Ids are AUTOINCREMENT serials, never reused; what the outside sees are random tokens.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    false,
    true,
)

from geo.columns import UtcTime

metadata = MetaData()

house = Table(  # one row: what this database is for good
    "house",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", String(8), nullable=False),
    Column("two_since", UtcTime),  # when a second administrator came: from then on nobody administers alone
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
    Column("live", Boolean, nullable=False, server_default=true()),  # false: nothing Actual in a live house yet
    sqlite_autoincrement=True,
)

officer = Table(
    "officer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agency_id", ForeignKey("agency.id"), index=True),  # None: who belongs to the house
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),  # whose: officer of an agency, operator of the house
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    Column("roles", String(40), nullable=False, server_default=""),  # what they may do, by spaces
    CheckConstraint("role IN ('officer', 'operator')", name="officer_role"),
    CheckConstraint("(role = 'officer') = (agency_id IS NOT NULL)", name="officer_agency"),
    sqlite_autoincrement=True,
)

consent = Table(  # an agency lets a neighbour send alerts into its jurisdiction, wholly or into an area of it
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("by_agency_id", ForeignKey("agency.id"), nullable=False, index=True),
    Column("to_agency_id", ForeignKey("agency.id"), nullable=False, index=True),
    Column("area", Text),  # JSON, Shape.to_geojson; None: wholly
    Column("given_by", ForeignKey("officer.id"), nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_by", ForeignKey("officer.id")),
    Column("revoked_at", UtcTime),
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
    Column("test", Boolean, nullable=False, server_default=false()),  # made by a test key: never sent, from its making
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
    Column("languages", String(200)),  # of what was let go, the first one first: the page says in them that it is over
    Column("asked_at", UtcTime),  # when an approval was last asked for: the request lapses
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
    Column("sealed_small_avif", LargeBinary),  # None: of before there was AVIF
    Column("sealed_full_avif", LargeBinary),
    Column("sealed_pdq", LargeBinary),  # its PDQ hash; None: there is too little in the picture to know it again by
    Column("tags", LargeBinary),  # one-way, keyed (`alerts.photo_tags`): by these it is known again after the end
    sqlite_autoincrement=True,
)

audit = Table(  # append only; each row's hash covers the row and the hash before it
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(64), nullable=False),  # officer:3, system
    Column("source", String(128)),  # address and key or session it came from; None: written before it was kept
    Column("action", String(32), nullable=False),
    Column("incident_id", Integer),
    Column("message_id", Integer),
    Column("detail", Text, nullable=False),  # JSON of numbers and hashes, nothing of a child
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

audit_head = Table(  # how long the log was and how it ended, signed: kept outside of the database as well
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),  # of the newest entry
    Column("hash", LargeBinary, nullable=False),  # of that entry
    Column("at", UtcTime, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # Ed25519
    sqlite_autoincrement=True,
)

answered = (
    Table(  # requests by their Idempotency-Key (`alerts.once`), for a day: what they left, so that a retry gets it
        "answered",
        metadata,
        Column("caller", LargeBinary, primary_key=True),  # SHA-256 of who called
        Column("key_hash", LargeBinary, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),  # SHA-256 of the request
        Column("run", String(32), nullable=False),  # whose it is to answer
        Column("begun_at", UtcTime, nullable=False),
        Column("key_name", String(64)),  # the vault's key for both that follow; None: nothing was done yet
        Column("sealed_left", LargeBinary),  # what the act left, written in its own transaction
        Column("sealed_answer", LargeBinary),  # what was answered
        Index("answered_age", "begun_at"),
    )
)

self_test = Table(  # what came of each message to a canary (`alerts.service.self_test`), for a week
    "self_test",
    metadata,
    Column("notice_id", Integer, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("origin", String(255), primary_key=True),
    Column("kind", String(8), nullable=False),  # alert, update, cancel
    Column("sent_at", UtcTime, nullable=False, index=True),  # when it was handed over
    Column("result", String(8)),  # as in `exception`, or sent; None: not known yet
    Column("reason", String(64)),
    Column("took_ms", Integer),
)

countdown = Table(  # an approval that was given and may still be stopped: nothing of it is on the air
    "countdown",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("alert_id", String(64), nullable=False),  # public id of the message
    Column("officer_id", ForeignKey("officer.id"), nullable=False),
    Column("use", String(8), nullable=False),  # of the session it was given in
    Column("source", String(128), nullable=False),  # from where, for the log
    Column("content_hash", String(64), nullable=False),
    Column("reach", Integer),
    Column("reason", Text),
    Column("tag", String(64), nullable=False),  # of the state that was looked at
    Column("due_at", UtcTime, nullable=False, index=True),
)

"""The tables of alerts that come from others: their sources, and what became of every message. Nothing of a child in them.

A message is known by keyed hashes; what is wrong with it by the types of its faults. Its words are in no row but the
sealed ones of the incident that it became.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from alerts.tables import metadata
from geo.columns import UtcTime

feed_source = Table(
    "feed_source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("agency_id", ForeignKey("agency.id"), nullable=False, index=True),  # whose drafts, and whose jurisdiction
    Column("trust", String(64)),  # folder of certificates; None: its messages bear no signature that counts
    Column("interval_s", Integer, nullable=False),
    Column("longest_silence_s", Integer),
    Column("enabled", Boolean, nullable=False),
    Column(
        "author_id", ForeignKey("officer.id"), nullable=False, unique=True
    ),  # in whose name it submits: nobody's login
    Column(
        "rule_id", ForeignKey("officer.id"), nullable=False, unique=True
    ),  # in whose name its rule approves: as well
    Column("rule_on", Boolean, nullable=False, server_default=false()),
    Column("reach_cap", Integer),  # people that the rule may reach at most
    Column("change_id", String(32), nullable=False),  # by which two people made it what it is (`pending_change`)
    Column("rule_change_id", String(32)),  # by which two people switched its rule on
    # How it does: `feeds_in.health.Health`.
    Column("state", String(8), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_ok_at", UtcTime),
    Column("last_new_at", UtcTime),
    Column("last_error", String(64)),
    Column("next_poll_at", UtcTime),
    Column("etag", Text),
    Column("last_modified", String(64)),
    Column("last_poll_at", UtcTime),
    Column("last_poll_s", Float),  # how long it took
    sqlite_autoincrement=True,
)

feed_import = Table(  # the import log: one row for each entry of a feed that was looked at
    "feed_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("feed_source.id"), nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),  # keyed: the entry as the index had it
    Column("origin_hash", LargeBinary),  # SHA-256 of (agency, sender, identifier, sent): replays
    Column("at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("status", String(8)),  # CAP status
    Column("msg_type", String(8)),  # CAP msgType
    Column("outcome", String(16), nullable=False),  # `feed_log.Outcome`
    Column("faults", Text, nullable=False),  # JSON: types of what it was refused for
    Column("deviations", Text, nullable=False),  # JSON: types of what was forgiven
    Column("perhaps", Text, nullable=False),  # JSON: ids of incidents that it may be about; 0: another agency's
    Column("incident_id", ForeignKey("incident.id")),
    Column("message_id", ForeignKey("message.id")),
    Column("rule", String(24)),  # what the rule said: due, approved, or why it is left to people; None: no rule
    UniqueConstraint("source_id", "entry_hash", name="feed_import_entry"),
    Index("feed_import_origin", "origin_hash"),
    Index("feed_import_incident", "incident_id"),
    Index("feed_import_rule", "source_id", "rule"),
    sqlite_autoincrement=True,
)

"""The tables of what people write to us and what officers and operators keep beside an alert. Words are sealed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from alerts.tables import metadata
from geo.columns import UtcTime

removal = Table(  # what families ask to be removed (`alerts.removals`), sealed until it is answered
    "removal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of the status page's token
    Column("incident", String(32), nullable=False),  # the public token of the alert's page
    Column("key_name", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("outcome", String(16)),
    sqlite_autoincrement=True,
)

review = Table(  # after the end: what came of an alert, for the public report. Classes and numbers, no words of anyone
    "review",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("part", String(24), nullable=False),  # what part the alert had in it
    Column("facts", Text, nullable=False),  # JSON of reach and times, as they stood
    Column("reviewed_by", ForeignKey("officer.id"), nullable=False),
    Column("reviewed_at", UtcTime, nullable=False),
)

tip_key = Table(  # to whom an agency's tips are encrypted (`alerts.tip_keys`)
    "tip_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agency_id", ForeignKey("agency.id"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),  # X25519, 32 bytes
    Column("sealed", LargeBinary),  # the private half; None: the agency alone has it
    Column("created_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    sqlite_autoincrement=True,
)

tip = Table(  # what people say that they saw (`alerts.tips`), until 30 days after the end
    "tip",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),  # what its writer was told
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("key_id", ForeignKey("tip_key.id"), nullable=False),
    Column("form_hash", LargeBinary, nullable=False, unique=True),  # of the form's key: sent twice, it is one
    Column("sealed", LargeBinary, nullable=False),  # the box to the agency, sealed under the key of the case
    Column("created_at", UtcTime, nullable=False),
    Column("read_by", ForeignKey("officer.id")),
    Column("read_at", UtcTime),
    Index("tip_incident", "incident_id", "id"),
    sqlite_autoincrement=True,
)

tip_sent = Table(  # that a tip was sent, so that it can be counted: keyed hashes, for an hour
    "tip_sent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", Integer, nullable=False),
    Column("network_hash", LargeBinary, nullable=False),  # keyed: /24 or /64
    Column("sent_at", UtcTime, nullable=False),
    Index("tip_sent_network", "network_hash", "sent_at"),
    Index("tip_sent_incident", "incident_id", "sent_at"),
    Index("tip_sent_age", "sent_at"),
    sqlite_autoincrement=True,
)

working_copy = (
    Table(  # a form of the console as somebody left it (`alerts.service.copies`): nothing of it was submitted
        "working_copy",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("officer_id", ForeignKey("officer.id"), nullable=False),
        Column("form", String(24), nullable=False),  # what its page called it: random
        Column(
            "use", String(8), nullable=False
        ),  # of the session it was typed in: a drill's is not offered outside of one
        Column("incident_id", ForeignKey("incident.id"), index=True),  # None: a new alert
        Column("key_name", String(64), nullable=False),  # the incident's, else its own
        Column("sealed", LargeBinary),  # the values; None: nothing was typed yet, or it is closed
        Column("sealed_base", LargeBinary),  # the values as its page showed them first
        Column("sealed_photos", LargeBinary),
        Column(
            "co_authors", String(200), nullable=False, server_default=""
        ),  # ids of officers whose words it took over
        Column("saved_at", UtcTime, nullable=False, index=True),
        Column("here_at", UtcTime, nullable=False),  # when its page was last heard of
        Column("closed_at", UtcTime),  # submitted or discarded: what of it comes late is refused
        UniqueConstraint("officer_id", "form", name="working_copy_form"),
        sqlite_autoincrement=True,
    )
)

template = (
    Table(  # what an agency's alerts begin with: texts, area, contact, programme. Never of a child, so not sealed
        "template",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("public_id", String(32), nullable=False, unique=True),
        Column("agency_id", ForeignKey("agency.id"), nullable=False),
        Column("name", String(80), nullable=False),
        Column("content", Text, nullable=False),  # JSON: the values of the fields that a template may hold
        Column("version", Integer, nullable=False),
        Column("changed_by", ForeignKey("officer.id"), nullable=False),
        Column("changed_at", UtcTime, nullable=False),
        UniqueConstraint("agency_id", "name", name="template_name"),
        sqlite_autoincrement=True,
    )
)

language_on = Table(  # a catalogue that no native reader has reviewed, and the operator who answers for it in live mode
    "language_on",
    metadata,
    Column("language", String(8), primary_key=True),
    Column("officer_id", ForeignKey("officer.id"), nullable=False),
    Column("switched_at", UtcTime, nullable=False),
)

"""Sources of alerts of others, and the log of what became of their messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0026"

WHEN = sa.BigInteger


def upgrade() -> None:
    op.create_table(
        "feed_source",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Integer(), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("trust", sa.String(64), nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("longest_silence_s", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False, unique=True),
        sa.Column("rule_id", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False, unique=True),
        sa.Column("rule_on", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reach_cap", sa.Integer(), nullable=True),
        sa.Column("change_id", sa.String(32), nullable=False),
        sa.Column("rule_change_id", sa.String(32), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ok_at", WHEN(), nullable=True),
        sa.Column("last_new_at", WHEN(), nullable=True),
        sa.Column("last_error", sa.String(64), nullable=True),
        sa.Column("next_poll_at", WHEN(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.String(64), nullable=True),
        sa.Column("last_poll_at", WHEN(), nullable=True),
        sa.Column("last_poll_s", sa.Float(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_source_agency_id", "feed_source", ["agency_id"])
    op.create_table(
        "feed_import",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("feed_source.id"), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(), nullable=False),
        sa.Column("origin_hash", sa.LargeBinary(), nullable=True),
        sa.Column("at", WHEN(), nullable=False),
        sa.Column("sent_at", WHEN(), nullable=True),
        sa.Column("status", sa.String(8), nullable=True),
        sa.Column("msg_type", sa.String(8), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("deviations", sa.Text(), nullable=False),
        sa.Column("perhaps", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=True),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("message.id"), nullable=True),
        sa.Column("rule", sa.String(24), nullable=True),
        sa.UniqueConstraint("source_id", "entry_hash", name="feed_import_entry"),
        sqlite_autoincrement=True,
    )
    op.create_index("feed_import_origin", "feed_import", ["origin_hash"])
    op.create_index("feed_import_incident", "feed_import", ["incident_id"])
    op.create_index("feed_import_rule", "feed_import", ["source_id", "rule"])


def downgrade() -> None:
    op.drop_table("feed_import")
    op.drop_table("feed_source")

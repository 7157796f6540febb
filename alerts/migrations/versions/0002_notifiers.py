"""Who is told what, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _make_left_address()
    _make_notice()
    _make_planned()
    _make_recipient()
    _make_batch()
    _make_inbox()
    _make_subscription()
    _make_exception()


def downgrade() -> None:
    for table in (
        "exception",
        "subscription",
        "inbox",
        "batch",
        "recipient",
        "planned",
        "notice",
        "left_address",
    ):
        op.drop_table(table)


def _make_left_address() -> None:
    op.create_table(
        "left_address",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_hash"),
    )


def _make_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", Serial, nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("held_why", sa.String(length=200), nullable=True),
        sa.Column("over", sa.String(length=16), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=False),
        sa.Column("planned_at", UtcTime(), nullable=True),
        sa.Column("matched", sa.Integer(), nullable=True),
        sa.Column("area_digest", sa.String(length=64), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=True),
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name="notice_id_u32"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id", "number", name="notice_once"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_incident_id"), "notice", ["incident_id"], unique=False)


def _make_planned() -> None:
    op.create_table(
        "planned",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("subscription_ids", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "version", "channel"),
    )


def _make_recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", Serial, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name="recipient_id_u32"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
        sqlite_autoincrement=True,
    )


def _make_batch() -> None:
    op.create_table(
        "batch",
        sa.Column("id", Serial, nullable=False),
        sa.Column("notice_id", Serial, nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("in_flight", sa.LargeBinary(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("gone", sa.LargeBinary(), nullable=False),
        sa.Column("refused", sa.LargeBinary(), nullable=False),
        sa.Column("gave_up", sa.LargeBinary(), nullable=False),
        sa.Column("dropped", sa.LargeBinary(), nullable=False),
        sa.Column("in_doubt", sa.LargeBinary(), nullable=False),
        sa.Column("doubted", sa.LargeBinary(), nullable=False),
        sa.Column("n_in_flight", sa.SmallInteger(), nullable=False),
        sa.Column("n_sent", sa.SmallInteger(), nullable=False),
        sa.Column("n_gone", sa.SmallInteger(), nullable=False),
        sa.Column("n_refused", sa.SmallInteger(), nullable=False),
        sa.Column("n_gave_up", sa.SmallInteger(), nullable=False),
        sa.Column("n_dropped", sa.SmallInteger(), nullable=False),
        sa.Column("n_in_doubt", sa.SmallInteger(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("latency", sa.LargeBinary(), nullable=False),
        sa.Column("first_sent_at", UtcTime(), nullable=True),
        sa.Column("last_sent_at", UtcTime(), nullable=True),
        sa.Column("subscription_ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("batch_claim", "batch", ["state", "rank", "id"], unique=False)
    op.create_index("batch_incident", "batch", ["incident_id", "state"], unique=False)
    op.create_index("batch_notice", "batch", ["notice_id", "channel"], unique=False)


def _make_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("recipient_id", Serial, nullable=False),
        sa.Column("subscription_id", Serial, nullable=False),
        sa.Column("notice_id", Serial, nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscription_id", "notice_id", name="inbox_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_recipient", "inbox", ["recipient_id", "id"], unique=False)


def _make_subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", Serial, nullable=False),
        sa.Column("recipient_id", Serial, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=2048), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("consent_how", sa.String(length=64), nullable=False),
        sa.Column("consent_words", sa.String(length=1000), nullable=False),
        sa.Column("consented_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("retired_at", UtcTime(), nullable=True),
        sa.Column("retired_why", sa.String(length=64), nullable=True),
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name="subscription_id_u32"),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address_hash", name="subscription_once"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "subscription_reach",
        "subscription",
        ["recipient_id", "confirmed_at", "retired_at", "channel", "origin", "language"],
        unique=False,
    )


def _make_exception() -> None:
    op.create_table(
        "exception",
        sa.Column("batch_id", Serial, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("batch_id", "position"),
    )

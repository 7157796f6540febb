"""What people say that they saw, to whom it is encrypted, and how often it is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "tip_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tip_key_agency_id", "tip_key", ["agency_id"])
    op.create_table(
        "tip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("form_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_by", sa.Integer()),
        sa.Column("read_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["tip_key.id"]),
        sa.ForeignKeyConstraint(["read_by"], ["officer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("form_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("tip_incident", "tip", ["incident_id", "id"])
    op.create_table(
        "tip_sent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("network_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("tip_sent_network", "tip_sent", ["network_hash", "sent_at"])
    op.create_index("tip_sent_incident", "tip_sent", ["incident_id", "sent_at"])
    op.create_index("tip_sent_age", "tip_sent", ["sent_at"])


def downgrade() -> None:
    op.drop_table("tip_sent")
    op.drop_table("tip")
    op.drop_table("tip_key")

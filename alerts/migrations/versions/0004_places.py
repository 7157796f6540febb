"""Several places a person, each with its time and its end; whom partners mean by their own ids, and partners' keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial, UtcTime

revision = "0004"
down_revision = "0003"

KEPT = "recipient_id, kind, lon, lat, radius_m, seq, moved_at"


def upgrade() -> None:
    op.drop_index("position_seq", table_name="position")
    op.rename_table("position", "position_before")
    _make_position()
    # A device's place is looked at from now on like any other: a day after it was told.
    op.execute(
        f"INSERT INTO position (number, touched_seq, expires_at, {KEPT}) "  # noqa: S608 - constants
        f"SELECT 0, seq, CASE kind WHEN 'device' THEN moved_at + 86400000000 END, {KEPT} FROM position_before"
    )
    op.drop_table("position_before")
    _make_person()
    _make_partner()
    _make_partner_key()


def downgrade() -> None:
    for table in ("partner_key", "partner", "person"):
        op.drop_table(table)
    op.drop_index("position_expires_at", table_name="position")
    op.drop_index("position_seq", table_name="position")
    op.rename_table("position", "position_after")
    _make_position_before()
    op.execute(f"INSERT INTO position ({KEPT}) SELECT {KEPT} FROM position_after WHERE number = 0")  # noqa: S608 - constants
    op.drop_table("position_after")


def _make_position() -> None:
    op.create_table(
        "position",
        sa.Column("recipient_id", Serial, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.Column("seq", Serial, nullable=False),
        sa.Column("touched_seq", Serial, nullable=False),
        sa.Column("moved_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("recipient_id", "kind", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("position_seq", "position", ["seq"], unique=False)
    ending = sa.text("expires_at IS NOT NULL")
    op.create_index("position_expires_at", "position", ["expires_at"], sqlite_where=ending, postgresql_where=ending)


def _make_position_before() -> None:
    op.create_table(
        "position",
        sa.Column("recipient_id", Serial, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.Column("seq", Serial, nullable=False),
        sa.Column("moved_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", "kind"),
    )
    op.create_index("position_seq", "position", ["seq"], unique=False)


def _make_person() -> None:
    op.create_table(
        "person",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_id", Serial, nullable=False),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash"),
        sa.UniqueConstraint("recipient_id"),
        sqlite_with_rowid=False,
    )


def _make_partner() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )


def _make_partner_key() -> None:
    op.create_table(
        "partner_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_partner_key_partner_id"), "partner_key", ["partner_id"], unique=False)

"""Where people are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    _make_forgotten()
    _make_position()
    _make_position_sequence()


def downgrade() -> None:
    for table in (
        "position_sequence",
        "position",
        "forgotten",
    ):
        op.drop_table(table)


def _make_forgotten() -> None:
    op.create_table(
        "forgotten",
        sa.Column("recipient_id", Serial, autoincrement=False, nullable=False),
        sa.Column("seq", Serial, nullable=False),
        sa.PrimaryKeyConstraint("recipient_id"),
    )
    op.create_index(op.f("ix_forgotten_seq"), "forgotten", ["seq"], unique=False)


def _make_position() -> None:
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


def _make_position_sequence() -> None:
    op.create_table(
        "position_sequence",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", Serial, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )

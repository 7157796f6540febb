"""Quiet hours of people, and batches that wait for their end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial, UtcTime

revision = "0035"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "quiet_hours",
        sa.Column(
            "recipient_id",
            Serial,
            sa.ForeignKey("recipient.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("starts", sa.SmallInteger(), nullable=False),
        sa.Column("ends", sa.SmallInteger(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
    )
    op.add_column("batch", sa.Column("quiet_until", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("batch", "quiet_until")
    op.drop_table("quiet_hours")

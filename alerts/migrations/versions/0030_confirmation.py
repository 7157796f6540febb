"""Confirmations that were asked for, so that they can be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("network_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("confirmation_address", "confirmation", ["address_hash", "sent_at"])
    op.create_index("confirmation_network", "confirmation", ["network_hash", "sent_at"])
    op.create_index("confirmation_age", "confirmation", ["sent_at"])


def downgrade() -> None:
    op.drop_table("confirmation")

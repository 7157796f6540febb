"""Keyings made ahead, and whose generation is whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial

revision = "0033"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "keying",
        sa.Column("subscription_id", Serial, sa.ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.add_column("notice", sa.Column("keying", sa.Integer(), nullable=True))
    op.create_index("notice_keying_once", "notice", ["keying"], unique=True)


def downgrade() -> None:
    op.drop_index("notice_keying_once", "notice")
    op.drop_column("notice", "keying")
    op.drop_table("keying")

"""What all workers share about an origin, and who was refused how often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.Integer().with_variant(sa.BigInteger(), "postgresql")  # SQLite counts in 64 bits whatever it is called


def upgrade() -> None:
    op.create_table(
        "origin",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("rate_per_s", sa.Float()),
        sa.Column("burst", sa.Float()),
        sa.Column("spent_until", sa.BigInteger()),
        sa.Column("dry_until", sa.BigInteger()),
        sa.Column("closed_until", sa.BigInteger()),
        sa.Column("rests", sa.SmallInteger(), nullable=False),
        sa.Column("why", sa.String(64)),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "refusal",
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscription_id"),
    )


def downgrade() -> None:
    op.drop_table("refusal")
    op.drop_table("origin")

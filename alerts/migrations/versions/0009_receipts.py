"""What providers said has arrived; how often a notice was opened, visited and shared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"

ID = sa.Integer().with_variant(sa.BigInteger(), "postgresql")  # SQLite counts in 64 bits whatever it is called


def upgrade() -> None:
    op.create_table(
        "delivered",
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("positions", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.create_table(
        "look_count",
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("notice_id", "way", "what", "hour"),
    )


def downgrade() -> None:
    op.drop_table("look_count")
    op.drop_table("delivered")

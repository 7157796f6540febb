"""Who is in a batch lies beside it: the row that every checkpoint writes anew is small; and one index fewer on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial

revision = "0026"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "batch_ids",
        sa.Column("batch_id", Serial, autoincrement=False, nullable=False),
        sa.Column("subscription_ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.execute("INSERT INTO batch_ids SELECT id, subscription_ids FROM batch ORDER BY id")
    op.drop_column("batch", "subscription_ids")
    op.drop_index("batch_incident", "batch")


def downgrade() -> None:
    op.create_index("batch_incident", "batch", ["incident_id", "state"])
    op.add_column("batch", sa.Column("subscription_ids", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE batch SET subscription_ids = "
        "(SELECT subscription_ids FROM batch_ids WHERE batch_ids.batch_id = batch.id)"
    )
    op.drop_table("batch_ids")

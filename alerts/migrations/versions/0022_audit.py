"""When an approval was asked for, where an act came from, and the signed heads of the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("message", sa.Column("asked_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE message SET asked_at = created_at WHERE state = 'pending approval'")
    op.add_column("audit", sa.Column("source", sa.String(128), nullable=True))
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_column("audit", "source")
    op.drop_column("message", "asked_at")

"""What families ask to be removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "removal",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("key_name", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime()),
        sa.Column("outcome", sa.String(16)),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("removal")

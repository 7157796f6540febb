"""Requests that were answered, by their Idempotency-Key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("caller", sa.LargeBinary(), primary_key=True),
        sa.Column("key_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("key_name", sa.String(64), nullable=True),
        sa.Column("sealed_left", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
    )
    op.create_index("answered_age", "answered", ["begun_at"])


def downgrade() -> None:
    op.drop_table("answered")

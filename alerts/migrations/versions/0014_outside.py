"""Whom an update no longer covers: their batches and inbox items say so, since they are told in words of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("batch", "inbox")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("outside", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "outside")

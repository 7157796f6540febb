"""Notices that are repeats, and the channels on which they reach who was told before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("notice", sa.Column("repeats_on", sa.String(200), nullable=True))


def downgrade() -> None:
    op.drop_column("notice", "repeats_on")

"""The tables of all three packages as they are at the start."""

from __future__ import annotations

from alembic import op

from alerts.migrations.metadata import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    METADATA.drop_all(op.get_bind())

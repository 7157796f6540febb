"""Catalogues that no native reader has reviewed and that an operator switched on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0044"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "language_on",
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("switched_at", UtcTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("language_on")

"""An approval that was given in the console and may still be stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0028"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "countdown",
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("alert_id", sa.String(64), nullable=False),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("use", sa.String(8), nullable=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("reach", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("countdown")

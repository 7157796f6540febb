"""What operators see: workers' signs of life, self-tests, reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0031"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_seen",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "self_test",
        sa.Column("notice_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("origin", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=False, index=True),
        sa.Column("result", sa.String(8)),
        sa.Column("reason", sa.String(64)),
        sa.Column("took_ms", sa.Integer()),
    )
    op.create_table(
        "review",
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("part", sa.String(24), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("reviewed_at", UtcTime(), nullable=False),
    )


def downgrade() -> None:
    for name in ("review", "self_test", "worker_seen"):
        op.drop_table(name)

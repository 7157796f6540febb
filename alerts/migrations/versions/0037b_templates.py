"""What an agency's alerts begin with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0037b"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(32), nullable=False, unique=True),
        sa.Column("agency_id", sa.Integer(), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("agency_id", "name", name="template_name"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("template")

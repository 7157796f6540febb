"""How far newcomers were looked for, by notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "seen",
        sa.Column("notice_id", Serial, nullable=False),
        sa.Column("seq", Serial, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("notice_id"),
    )


def downgrade() -> None:
    op.drop_table("seen")

"""In which languages an alert was told: its page says in them that it is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0037b"


def upgrade() -> None:
    op.add_column("message", sa.Column("languages", sa.String(200), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "languages")

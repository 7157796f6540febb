"""Which sends were repeated though the first may have arrived: each by its place, not only their number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("batch", sa.Column("repeated", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("batch", "repeated")

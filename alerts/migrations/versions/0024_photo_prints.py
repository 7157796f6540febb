"""Photos as AVIF, and by what they are known again: a hash under the incident's key, keyed tags after its end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0021"

COLUMNS = ("sealed_small_avif", "sealed_full_avif", "sealed_pdq", "tags")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("photo", sa.Column(name, sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("photo", name)

"""Signs, posts and webhooks get an enlarged area too: what an earlier message still had for them is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("notice", sa.Column("outlets_over", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("notice", "outlets_over")

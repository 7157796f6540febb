"""Which classes of alerts a person does not want to hear of, and of which class each notice is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import Serial

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "refused_class",
        sa.Column(
            "recipient_id",
            Serial,
            sa.ForeignKey("recipient.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("alert_class", sa.String(16), primary_key=True),
    )
    op.add_column("notice", sa.Column("alert_class", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("notice", "alert_class")
    op.drop_table("refused_class")

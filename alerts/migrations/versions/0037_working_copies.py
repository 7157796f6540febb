"""Forms of the console as somebody left them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0037"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "working_copy",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("form", sa.String(24), nullable=False),
        sa.Column("use", sa.String(8), nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), index=True),
        sa.Column("key_name", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("sealed_base", sa.LargeBinary()),
        sa.Column("sealed_photos", sa.LargeBinary()),
        sa.Column("co_authors", sa.String(200), nullable=False, server_default=""),
        sa.Column("saved_at", UtcTime(), nullable=False, index=True),
        sa.Column("here_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime()),
        sa.UniqueConstraint("officer_id", "form", name="working_copy_form"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("working_copy")

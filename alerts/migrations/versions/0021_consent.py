"""A neighbour's consent, and what a test key made: never sent, from the row's making on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("incident", sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("notice", sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("by_agency_id", sa.Integer(), nullable=False),
        sa.Column("to_agency_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_agency_id"], ["agency.id"]),
        sa.ForeignKeyConstraint(["to_agency_id"], ["agency.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["officer.id"]),
        sa.ForeignKeyConstraint(["revoked_by"], ["officer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consent_by_agency_id", "consent", ["by_agency_id"])
    op.create_index("ix_consent_to_agency_id", "consent", ["to_agency_id"])


def downgrade() -> None:
    op.drop_table("consent")
    op.drop_column("notice", "test")
    op.drop_column("incident", "test")

"""Roles, keys with a purpose, passkeys, sessions that rest, and changes that wait for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.columns import UtcTime

revision = "0020"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("house", sa.Column("two_since", UtcTime(), nullable=True))
    op.add_column("agency", sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("officer", sa.Column("roles", sa.String(40), nullable=False, server_default=""))
    _widen_credential()
    op.add_column("session", sa.Column("seen_at", UtcTime(), nullable=True))
    op.add_column("session", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE officer SET roles = CASE WHEN role = 'officer' THEN 'approve submit' ELSE 'operate' END")
    op.execute("UPDATE credential SET roles = (SELECT roles FROM officer WHERE officer.id = credential.officer_id)")
    _make_passkey()
    _make_challenge()
    _make_pending_change()


def downgrade() -> None:
    for table in ("pending_change", "challenge", "passkey"):
        op.drop_table(table)
    for table, columns in (
        ("session", ("drill", "seen_at")),
        ("credential", ("waiting", "used_at", "roles", "purpose", "name")),
        ("officer", ("roles",)),
        ("agency", ("live",)),
        ("house", ("two_since",)),
    ):
        for column in columns:
            op.drop_column(table, column)


def _widen_credential() -> None:
    op.add_column("credential", sa.Column("name", sa.String(64), nullable=False, server_default=""))
    op.add_column("credential", sa.Column("purpose", sa.String(8), nullable=False, server_default="live"))
    op.add_column("credential", sa.Column("roles", sa.String(40), nullable=False, server_default=""))
    op.add_column("credential", sa.Column("used_at", UtcTime(), nullable=True))
    op.add_column("credential", sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.false()))


def _make_passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("removed_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passkey_officer_id", "passkey", ["officer_id"])


def _make_challenge() -> None:
    op.create_table(
        "challenge",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_challenge_expires_at", "challenge", ["expires_at"])


def _make_pending_change() -> None:
    op.create_table(
        "pending_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["officer.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pending_change_agency_id", "pending_change", ["agency_id"])

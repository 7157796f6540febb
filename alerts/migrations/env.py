"""Alembic runs this inside `alerts.database.migrate`, on the connection it was given; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from alerts.migrations.metadata import METADATA


def run() -> None:
    """All outstanding steps in the caller's transaction. SQLite changes columns by copying tables (batch mode)."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, transactional_ddl=True)
    context.run_migrations()


run()

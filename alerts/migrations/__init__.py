"""The schema's history, run at start-up by `alerts.database.migrate`: one step a file, never changed once released.

A new step is written by hand (or with Alembic's autogenerate against `metadata.METADATA`); `tests/alerts/test_database.py`
fails as long as the steps do not make exactly the tables that the code declares.
"""

"""The tables of all three packages: what the migrations, run to the end, must make."""

from __future__ import annotations

from sqlalchemy import MetaData

from alerts import access_tables, console_tables, feed_tables, people_tables  # noqa: F401  # beside those of alerts.tables
from alerts import tables as alerts_tables
from geo import tables as geo_tables
from notifiers import tables as notifiers_tables

METADATA = MetaData()
for _declared in (geo_tables.metadata, notifiers_tables.metadata, alerts_tables.metadata):
    for _table in _declared.sorted_tables:
        _table.to_metadata(METADATA)

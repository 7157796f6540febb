"""Where people are: one row a recipient and kind of position, overwritten in place, with no history."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table

from geo.columns import UtcTime

metadata = MetaData()

position = Table(
    "position",
    metadata,
    Column("recipient_id", Integer, primary_key=True),
    Column("kind", String(16), primary_key=True),  # home, device, followed
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("radius_m", Float, nullable=False),  # of the circle of uncertainty; 0: a point
    Column("seq", Integer, nullable=False),  # grows with every change in the store: what an index has caught up to
    Column("moved_at", UtcTime, nullable=False),
    Index("position_seq", "seq"),
)

position_sequence = Table(  # one row: the newest sequence number given
    "position_sequence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
)

forgotten = Table(  # who left the map, so that every index hears of it
    "forgotten",
    metadata,
    Column("recipient_id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, index=True),
)

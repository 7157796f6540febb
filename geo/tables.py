"""Where people are: one row a recipient and place, overwritten in place, with no history."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, SmallInteger, String, Table, text

from geo.columns import Serial, UtcTime

metadata = MetaData()

position = Table(
    "position",
    metadata,
    Column("recipient_id", Serial, primary_key=True),
    Column("kind", String(16), primary_key=True),  # home, device, followed (`geo.kinds`)
    Column("number", SmallInteger, primary_key=True),  # 0; the places one follows: from 1 on
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("radius_m", Float, nullable=False),  # of the circle of uncertainty; 0: a point
    Column("seq", Serial, nullable=False),  # grows with every change in the store: what an index has caught up to
    Column("touched_seq", Serial, nullable=False),  # of when it was new, or the person was touched
    Column("moved_at", UtcTime, nullable=False),  # when the person was there, as far as it is known
    Column("expires_at", UtcTime),  # when it stops to count, or is to be looked at again; None: never
    Index("position_seq", "seq"),
    Index(  # of home there is no end, so the index holds devices alone
        "position_expires_at",
        "expires_at",
        sqlite_where=text("expires_at IS NOT NULL"),
        postgresql_where=text("expires_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,  # a person's places lie together, and are found without a second look
)

position_sequence = Table(  # one row: the newest sequence number given
    "position_sequence",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Serial, nullable=False),
)

forgotten = Table(  # who left the map, so that every index hears of it
    "forgotten",
    metadata,
    Column("recipient_id", Serial, primary_key=True, autoincrement=False),
    Column("seq", Serial, nullable=False, index=True),
)

"""The tables of delivery. Nothing here knows approval, CAP or a child: what a notice says is a sealed blob.

`recipient` and `subscription` are who; `notice` is what; `planned` makes "once" a constraint; `batch` is queue and
outcome in one row; `exception` holds only what did not go well. Ids are AUTOINCREMENT serials, never reused.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
)

from geo.columns import Serial, UtcTime

metadata = MetaData()

U32 = "BETWEEN 1 AND 4294967295"

recipient = Table(
    "recipient",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),  # random; what the outside calls the recipient
    Column("token_hash", LargeBinary, nullable=False),  # SHA-256 of the recipient's own random token
    Column("kind", String(16), nullable=False),  # "public" (coarsened) or "partner" (exact)
    Column("partner", String(64), nullable=False, server_default=""),  # who enrolled them, for partners
    Column("test", Boolean, nullable=False),  # enrolled for Test, Exercise and System messages
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint(f"id {U32}", name="recipient_id_u32"),
    sqlite_autoincrement=True,
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("recipient_id", ForeignKey("recipient.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("origin", String(255), nullable=False),
    Column("address", String(2048), nullable=False),  # JSON object; the channel says which members
    Column("address_hash", LargeBinary, nullable=False),  # keyed (HMAC), so that a left address is known again
    Column("language", String(35), nullable=False),  # BCP 47; several in order of preference with blanks between
    Column("consent_how", String(64), nullable=False),
    Column("consent_words", String(1000), nullable=False),
    Column("consented_at", UtcTime, nullable=False),
    Column("confirmed_at", UtcTime),  # None: not yet to be contacted
    Column("retired_at", UtcTime),  # gone at the receiver (404, 410)
    Column("retired_why", String(64)),
    UniqueConstraint("channel", "address_hash", name="subscription_once"),
    Index("subscription_reach", "recipient_id", "confirmed_at", "retired_at", "channel", "origin", "language"),
    CheckConstraint(f"id {U32}", name="subscription_id_u32"),
    sqlite_autoincrement=True,
)

quiet_hours = Table(  # when a person is not to be woken (`notifiers.quiet`): only of people who said so
    "quiet_hours",
    metadata,
    Column("recipient_id", ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("starts", SmallInteger, nullable=False),  # minutes of the day on their wall
    Column("ends", SmallInteger, nullable=False),
    Column("zone", String(64), nullable=False),  # IANA time zone
)

refused_class = (
    Table(  # of which alerts a person does not want to hear (`notifiers.refusing`): only of people who said so
        "refused_class",
        metadata,
        Column("recipient_id", ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        Column("alert_class", String(16), primary_key=True),
    )
)

keying = Table(  # what a push's encryption needs before its message is known (`notifiers.keyings`)
    "keying",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # nonce, point, material under the house's key
)

person = Table(  # whom a partner means by its own id for them: known again by a keyed hash, the id itself is not kept
    "person",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # HMAC of (partner, id)
    Column("recipient_id", ForeignKey("recipient.id", ondelete="CASCADE"), nullable=False, unique=True),
    sqlite_with_rowid=False,
)

left = Table(  # who left stays gone: no import or sign-up by others brings the address back
    "left_address",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("address_hash", LargeBinary, primary_key=True),
    Column("left_at", UtcTime, nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("incident_id", Integer, nullable=False, index=True),
    Column("incident", String(32), nullable=False),  # public token
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("status", String(8), nullable=False),
    Column("state", String(8), nullable=False),  # queued -> planned, or held (a person must look)
    Column("held_why", String(200)),
    Column("over", String(16)),  # cancelled, expired, superseded: nothing leaves any more
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("outlets_over", Boolean, nullable=False, server_default=false()),  # an enlargement speaks to outlets now
    Column("expires_at", UtcTime, nullable=False),
    Column("approved_at", UtcTime, nullable=False),
    Column("planned_at", UtcTime),
    Column("matched", Integer),  # recipients found at first planning
    Column("area_digest", String(64), nullable=False),
    Column("reach", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the Notice, encrypted under the incident's key
    Column("key_name", String(64)),  # None: sealed under no key (a cancel holds nothing of the child)
    Column("alert_class", String(16), nullable=False, server_default=""),  # who refused it is not newly told
    Column("repeats_on", String(200)),  # a repeat: the channels on which it goes to who was told before, with blanks
    Column(
        "test", Boolean, nullable=False, server_default=false()
    ),  # of what a test key made: nothing of it ever leaves
    Column(
        "keying", Integer
    ),  # the generation of keyings that is this notice's own; None: of few people, or before any
    UniqueConstraint("incident_id", "number", name="notice_once"),
    Index("notice_keying_once", "keying", unique=True),
    CheckConstraint(f"id {U32}", name="notice_id_u32"),
    sqlite_autoincrement=True,
)

seen = Table(  # up to which change of the positions newcomers were looked for, by notice (`notifiers.seen`)
    "seen",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("seq", Serial, nullable=False),
)

planned = Table(  # the one door: who has been planned for a version (an outlet: for a number), ever
    "planned",
    metadata,
    Column("incident_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("subscription_ids", LargeBinary, nullable=False),  # a roaring bitmap, packed (`notifiers.packing`)
)

batch = Table(
    "batch",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("incident_id", Integer, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("origin", String(255), nullable=False),
    Column("rank", Float, nullable=False),  # what leaves first: metres from where the child was last seen; -1 a cancel
    Column("size", SmallInteger, nullable=False),
    Column("state", String(8), nullable=False),  # waiting, claimed, done
    Column("fence", Integer, nullable=False),  # grows with every claim; a commit with an old one changes nothing
    Column("worker", String(64)),
    Column("lease_until", UtcTime),
    Column("next_at", UtcTime, nullable=False),
    # Sets of positions (`notifiers.bits`), nothing for an empty one; a position in none of them is waiting.
    Column("in_flight", LargeBinary, nullable=False),  # may have been started and is not settled: at most W
    Column("sent", LargeBinary, nullable=False),
    Column("gone", LargeBinary, nullable=False),
    Column("refused", LargeBinary, nullable=False),
    Column("gave_up", LargeBinary, nullable=False),
    Column("dropped", LargeBinary, nullable=False),
    Column("in_doubt", LargeBinary, nullable=False),
    # Beside those, not one of them: may have reached the person though it is not settled (it will be repeated). Such
    # a position counts as told, and ends in doubt instead of dropped or given up.
    Column("doubted", LargeBinary, nullable=False),
    Column("n_in_flight", SmallInteger, nullable=False),
    Column("n_sent", SmallInteger, nullable=False),
    Column("n_gone", SmallInteger, nullable=False),
    Column("n_refused", SmallInteger, nullable=False),
    Column("n_gave_up", SmallInteger, nullable=False),
    Column("n_dropped", SmallInteger, nullable=False),
    Column("n_in_doubt", SmallInteger, nullable=False),
    Column("repeats", Integer, nullable=False),  # sends that may have reached someone a second time (crash takeover)
    Column("latency", LargeBinary, nullable=False),  # counts by time from approval (`notifiers.latency`)
    Column("first_sent_at", UtcTime),
    Column("last_sent_at", UtcTime),
    Column("repeated", LargeBinary),  # a set too: doubted once, and sent again
    Column("outside", Boolean),  # those told before whom an update no longer covers: in words of their own; None: no
    Column("quiet_until", UtcTime),  # all of it waits for the end of its people's quiet hours; None: of nobody's
    Index("batch_claim", "state", "rank", "id"),  # in the order of leaving, so that a claim reads only the first few
    Index("batch_notice", "notice_id", "channel"),
    sqlite_autoincrement=True,
)

# Who is in a batch, by position: written once, and read once a claim. Beside the batch, because a row is written anew
# whole, and its outcomes are at every checkpoint.
batch_ids = Table(
    "batch_ids",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), primary_key=True, autoincrement=False),
    Column("subscription_ids", LargeBinary, nullable=False),  # packed (`notifiers.packing`)
)

exception = Table(  # sparse: only positions that did not go well at the first try
    "exception",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("result", String(8), nullable=False),  # the last Result; a position that is sent after all has no row
    Column("reason", String(64), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("next_at", UtcTime),  # when a waiting position may be tried again
    Column("last_at", UtcTime, nullable=False),
)

delivered = Table(  # beside the outcomes: what a provider said has arrived, only for batches of which one said so
    "delivered",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), primary_key=True),
    Column("positions", LargeBinary, nullable=False),  # a set as in `batch`
    Column("count", SmallInteger, nullable=False),
)

look_count = Table(  # how often a notice was opened, visited, shared: by way and hour, never by person (`attention`)
    "look_count",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("way", String(16), primary_key=True),
    Column("what", String(8), primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    Column("count", Integer, nullable=False),
)

inbox = Table(  # the in-app inbox: which notice lies in whose inbox; what it says stays sealed in the notice
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("recipient_id", ForeignKey("recipient.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", Serial, nullable=False),
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("arrived_at", UtcTime, nullable=False),
    Column("outside", Boolean),  # as in `batch`
    UniqueConstraint("subscription_id", "notice_id", name="inbox_once"),
    Index("inbox_recipient", "recipient_id", "id"),
    sqlite_autoincrement=True,
)

origin = Table(  # what all workers share about a receiver: its rate, whether it rests; on the database's clock
    "origin",
    metadata,
    Column("name", String(255), primary_key=True),  # as in `batch.origin`
    Column("channel", String(16), nullable=False),  # whose policy it has (`notifiers.policies`)
    Column("rate_per_s", Float),  # an operator's; None: the policy's
    Column("burst", Float),
    Column("spent_until", UtcTime),  # the token bucket: what came in since then may be spent; None: full
    Column("dry_until", UtcTime),  # nothing to be had before
    Column("closed_until", UtcTime),  # it rests, or one send is under way to see whether it is back
    Column("rests", SmallInteger, nullable=False),  # in a row; 0: it is well
    Column("why", String(64)),  # the reason of the rest
)

refusal = Table(  # sparse: who was refused (other 4xx) and not reached since; three over a day retire
    "refusal",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("times", SmallInteger, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("notice_id", Serial, nullable=False),  # the last that counted: one notice counts once
)

worker_seen = Table(  # which workers are there, busy or not (`notifiers.presence`); nothing is decided by it
    "worker_seen",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

"""How often a notice was opened, visited and shared: counted by notice, way and hour, never by person.

A way is coarse ("push", "email") and the same in every copy of a message: no link and no beacon tells who came. Of what
was shared it tells how far from the first it came ("share2": by a link that was shared by somebody who came by one), and
a link cannot claim it: its token must say so (`notifiers.share_tokens`). Counts
are kept in memory and written every now and then; what was not written when a process dies is lost, and that is fine:
nothing is decided by them. A count below FEW is told to nobody, all others
rounded down to tens of it, so that two reads do not tell that one person looked in between. Hours are stored and not shown: from hours and a sum,
small numbers could be worked out.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from notifiers.tables import look_count, notice

OPENED, VISITED, SHARED = WHATS = ("opened", "visited", "shared")
LEFT = "left"  # who leaves soon after a notice (`notifiers.departures`); its way is the channel
NAMED = ("push", "email", "sms", "app", "inbox", "post", "sign", "hook")  # what the link in a message may say
SHARES = ("share", "share2", "share3", "share4")  # how far a shared link came (`notifiers.share_tokens`)
WAYS = NAMED + SHARES
OTHER = "other"
FEW = 10
MOST = 10_000  # counts in memory: addresses that are none are only found out when they are written
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,32}")
_MACHINES = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|scan|fetch|monitor|curl|wget|python|java/|okhttp|facebookexternalhit|whatsapp|telegram|"
    r"slack|discord|skype|embedly|headless",
    re.IGNORECASE,
)


def link(page_url: str, way: str) -> str:
    """The public page's address as a medium gives it to everybody."""
    return f"{page_url}?c={way}"


def is_machine(headers: Mapping[str, str]) -> bool:
    """Whether a request is no person's look: crawlers and link previews that say so, and what is fetched ahead."""
    ahead = "prefetch" in headers.get("sec-purpose", "") or "prefetch" in headers.get("purpose", "")
    agent = headers.get("user-agent", "")
    return ahead or not agent or _MACHINES.search(agent) is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of look: at the page of this public token, by this way, in this hour."""

    token: str
    what: str
    way: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """What may be told of a count: rounded down to tens (FEW), None while there are fewer."""

    way: str
    what: str
    count: int | None

    @property
    def shown(self) -> str:
        """In words."""
        return f"fewer than {FEW}" if self.count is None else f"{self.count:,}+"


class Counts:
    """What was counted and is not written yet. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Seen] = Counter()

    def add(self, token: str, what: str, way: str, now: datetime) -> None:
        """One more; nothing happens for a token that can be none, or when memory is full of others."""
        if not _TOKEN.fullmatch(token):
            return
        one = Seen(token, what, way if way in WAYS else OTHER, now.replace(minute=0, second=0, microsecond=0))
        with self._lock:
            if one in self._counts or len(self._counts) < MOST:
                self._counts[one] += 1

    def take(self) -> Mapping[Seen, int]:
        """All of them; they begin anew."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken


def write(connection: Connection, counts: Mapping[Seen, int]) -> None:
    """Adds them to the newest notice of each token; tokens that are none are forgotten."""
    newest = _newest(connection, sorted({one.token for one in counts}))
    rows: Counter[tuple[int, str, str, datetime]] = Counter()
    for one, count in counts.items():
        if one.token in newest:
            rows[newest[one.token], one.way, one.what, one.hour] += count
    if rows:
        names = ("notice_id", "way", "what", "hour")
        connection.execute(
            _adding(connection), [dict(zip(names, key, strict=True)) | {"count": count} for key, count in rows.items()]
        )


def add_one(connection: Connection, notice_id: int, way: str, what: str, now: datetime) -> None:
    """One more at this very notice, with what else the transaction does."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = {"notice_id": notice_id, "way": way, "what": what, "hour": hour, "count": 1}
    connection.execute(_adding(connection), row)


def read(connection: Connection, notice_ids: Sequence[int]) -> dict[int, tuple[Attention, ...]]:
    """By notice, what may be told of it."""
    found: dict[int, list[Attention]] = {}
    for notice_id, way, what, count in connection.execute(_COUNTS, {"these": notice_ids}):
        found.setdefault(notice_id, []).append(Attention(way, what, _told(count)))
    return {notice_id: tuple(told) for notice_id, told in found.items()}


def read_all(connection: Connection) -> list[Attention]:
    """The sum of what `read` tells of all notices: anything nearer would tell what it hides of one."""
    keys = (look_count.c.way, look_count.c.what)
    one = select(look_count.c.notice_id, *keys, func.sum(look_count.c.count).label("count"))
    each = one.group_by(look_count.c.notice_id, *keys).subquery()
    shown = func.sum(case((each.c.count >= FEW, each.c.count - each.c.count % FEW)))
    rows = connection.execute(
        select(each.c.way, each.c.what, shown).group_by(each.c.way, each.c.what).order_by("way", "what")
    )
    return [Attention(way, what, None if count is None else int(count)) for way, what, count in rows]


_KEYS = (look_count.c.notice_id, look_count.c.way, look_count.c.what)
_COUNTS = (
    select(*_KEYS, func.sum(look_count.c.count))
    .where(look_count.c.notice_id.in_(bindparam("these", expanding=True)))
    .group_by(*_KEYS)
    .order_by(*_KEYS)
)


def _told(count: int) -> int | None:
    return int(count) // FEW * FEW or None


def _newest(connection: Connection, tokens: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(tokens), 1000):
        some = notice.c.incident.in_(tokens[start : start + 1000])
        newest = select(notice.c.incident, func.max(notice.c.id)).where(some).group_by(notice.c.incident)
        found |= {token: int(notice_id) for token, notice_id in connection.execute(newest)}
    return found


def _adding(connection: Connection) -> Any:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    into = dialect.insert(look_count)
    more = {"count": look_count.c.count + into.excluded.count}
    return into.on_conflict_do_update(index_elements=["notice_id", "way", "what", "hour"], set_=more)

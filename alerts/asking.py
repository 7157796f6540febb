"""Asking one source once: its index, then what is new in it, oldest first, then its rule.

Validators are good only when every entry was settled: whoever is killed on the way leaves a source that is asked again
in full, and what was taken in already is known by its line in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import httpx

from alerts import feed_log
from alerts.feed_log import Line, Outcome
from alerts.feed_sources import Source
from alerts.feeds_in.entries import Entry, Index, read_index, worth_fetching
from alerts.feeds_in.fetching import OK, Fetched, Validators, fetch, user_agent
from alerts.feeds_in.gathering import MOST_CONTENT
from alerts.feeds_in.health import Polled
from alerts.feeds_in.markup import MAX_BYTES
from alerts.service import brought, by_rule, importing
from alerts.service.brought import Lost
from alerts.service.end import May
from alerts.services import Services
from notifiers.transactions import reading

T = TypeVar("T")

MOST_PAGES = 5  # of one index
MOST_LINKS = 100  # messages that are fetched in one poll; the others with the next
ACCEPT = "application/atom+xml, application/rss+xml, application/geo+json, application/xml;q=0.9, */*;q=0.5"
ACCEPT_CAP = "application/cap+xml, application/xml;q=0.9, text/xml;q=0.9"
_LONG_AGO = datetime.fromtimestamp(0, tz=UTC)


@dataclass(frozen=True, slots=True)
class Asking:
    """One poll of one source. `turn` renews the lease; None: it is another server's."""

    services: Services
    client: httpx.AsyncClient
    source: Source
    turn: Callable[[], May | None]
    pool: ThreadPoolExecutor

    async def work(self, act: Callable[..., T], *given: object) -> T:
        """What reads, stores or takes long, beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, partial(act, *given))

    async def get(self, url: str, validators: Validators, accept: str, limit_bytes: int) -> Fetched:
        headers = user_agent(self.services.settings.push_contact)
        return await fetch(self.client, url, validators, accept=accept, limit_bytes=limit_bytes, headers=headers)

    async def may(self) -> May:
        """Lost where another server has the source now."""
        found = await self.work(self.turn)
        if found is None:
            raise Lost
        return found


async def ask(asking: Asking) -> Polled:
    """Ask a source, take in what is new, and let its rule decide. Raises Lost and NotReady."""
    source, health = asking.source, asking.source.health
    fetched = await asking.get(source.url, Validators(health.etag, health.last_modified), ACCEPT, MAX_BYTES)
    if fetched.word != OK:
        await asking.work(by_rule.decide_due, asking.services, source.id, await asking.may())
        known = fetched.validators
        return Polled(fetched.word, False, fetched.retry_after_s, known.etag, known.last_modified)
    indexes, whole = await _read(asking, fetched)
    if indexes[0].kind == "unknown":
        return Polled(next((one.type for one in indexes[0].problems), "index-unknown"))
    news, settled = await _take_all(asking, [entry for index in indexes for entry in index.entries])
    await _tell_broken(asking, indexes)
    await asking.work(by_rule.decide_due, asking.services, source.id, await asking.may())
    kept = fetched.validators if settled and whole else Validators()
    return Polled("ok", news, None, kept.etag, kept.last_modified)


async def _read(asking: Asking, fetched: Fetched) -> tuple[list[Index], bool]:
    """The index and the pages it goes on with, and whether all of them came."""
    url, found = asking.source.url, list[Index]()
    while True:
        found.append(await asking.work(read_index, fetched.body or b"", fetched.content_type, url))
        following = found[-1].next_link
        if following is None or len(found) >= MOST_PAGES:
            return found, True
        url = following
        fetched = await asking.get(url, Validators(), ACCEPT, MAX_BYTES)
        if fetched.word != OK:
            return found, False


async def _take_all(asking: Asking, entries: Sequence[Entry]) -> tuple[bool, bool]:
    """(whether any was new, whether all were settled). Oldest first: what is referred to comes before what refers."""
    worth = [entry for entry in entries if worth_fetching(entry) or entry.references or entry.message_type == "Cancel"]
    ordered = sorted(worth, key=lambda entry: entry.updated_at or _LONG_AGO)
    named = [(entry, _known_by(asking.services, entry)) for entry in ordered]
    known = await asking.work(_known, asking, [hashed for _, hashed in named if hashed])
    waiting = [(entry, hashed) for entry, hashed in named if hashed not in known]
    news, settled, links = False, True, 0
    for entry, hashed in waiting:
        links += entry.content is None
        if links > MOST_LINKS:
            return news, False
        line = await _take(asking, entry, hashed)
        news = news or line is not None
        settled = settled and (line is None or line.outcome is not Outcome.WAITING)
    return news, settled


async def _take(asking: Asking, entry: Entry, hashed: bytes | None) -> Line | None:
    """What became of an entry; None: it was looked at before."""
    services, source, content = asking.services, asking.source, entry.content
    if content is None:
        fetched = await asking.get(entry.link or "", Validators(), ACCEPT_CAP, MOST_CONTENT)
        if fetched.word != OK:
            name = hashed or importing.entry_hash(services, (entry.link or "").encode())
            waits = Line(source.id, name, Outcome.WAITING, faults=(f"link_{fetched.word}",))
            return await asking.work(brought.tell, services, await asking.may(), waits)
        content = fetched.body or b""
    if hashed is None:
        hashed = importing.entry_hash(services, content)
        if await asking.work(_known, asking, [hashed]):
            return None
    return await asking.work(importing.take, services, source, hashed, content, await asking.may())


async def _tell_broken(asking: Asking, indexes: Sequence[Index]) -> None:
    """Entries that are none, once for as long as they are broken in the same way."""
    types = sorted({problem.type for index in indexes for problem in index.problems})
    if not types:
        return
    hashed = importing.entry_hash(asking.services, b"index", *(one.encode() for one in types))
    if not await asking.work(_known, asking, [hashed]):
        await asking.work(importing.refuse, asking.services, asking.source, hashed, types, await asking.may())


def _known_by(services: Services, entry: Entry) -> bytes | None:
    """By what an entry is known before its message is fetched; None where the index does not say when it changed."""
    if entry.content is not None:
        return importing.entry_hash(services, entry.content)
    if entry.link is None or entry.updated_at is None:
        return None
    parts = (entry.identifier or "", entry.link, entry.updated_at.isoformat())
    return importing.entry_hash(services, *(part.encode() for part in parts))


def _known(asking: Asking, hashes: Sequence[bytes]) -> set[bytes]:
    with reading(asking.services.engine) as connection:
        return feed_log.known(connection, asking.source.id, hashes)

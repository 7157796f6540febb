"""What an index of alerts comes to: its entries and what is wrong with it, both bounded. Pure.

A broken entry is a problem that names its place, and the others go on. Links are made absolute against the address
that the index came from (or its own xml:base), and only http and https are links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from alerts.problems import Problem
from notifiers.guard import Refused, target_of

Kind = Literal["atom", "rss", "edxl", "ipaws", "geojson", "cap", "unknown"]
MOST_ENTRIES = 1_000
MOST_PROBLEMS = 100
MOST_WORDS = 200  # of one entry: events, references
MOST_CONTENT = 1 << 20  # bytes of one CAP message, as `alerts.cap_xml` reads them at most
LONGEST_ID, LONGEST_TITLE, LONGEST_EVENT = 1_000, 200, 100
_UNSEEN = re.compile("[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")  # controls, turns, halves
_KEPT = "!#$%&'()*+,/:;=?@[]~"  # what a URL may hold as it stands (RFC 3986 section 2.2), beside letters and digits


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of an index. `content` is the CAP message where the index carries it; else `link` says where it is.

    `events` are names and codes of the event, `status` and `message_type` CAP's, `references` identifiers: as far as
    the index says them, and with no promise that the message itself says the same. `place` is where it stands.
    """

    identifier: str | None
    link: str | None
    updated_at: datetime | None
    content: bytes | None = field(repr=False)
    title: str = field(repr=False)  # may name the child: for officers, never for a log
    events: tuple[str, ...] = ()
    status: str | None = None
    message_type: str | None = None
    references: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """What was read. `next_link`: where the index goes on, at the same origin."""

    kind: Kind
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_link: str | None = None


class Gathering:
    """Entries and problems of one index while it is read."""

    def __init__(self, kind: Kind, base_url: str) -> None:
        self.kind: Kind = kind
        self.base_url = base_url
        self.next_link: str | None = None
        self._entries: list[Entry] = []
        self._problems: list[Problem] = []
        self._left_out = 0
        self._broken = 0
        self._cut = False

    def add(self, entry: Entry) -> None:
        """Take an entry in; one that leads to no message is a problem."""
        if entry.content is not None and len(entry.content) > MOST_CONTENT:
            self.wrong("entry-too-large", entry.place, f"this message has more than {MOST_CONTENT} bytes")
        elif entry.content is None and entry.link is None:
            self.wrong("entry-leads-nowhere", entry.place, "this entry neither holds a CAP message nor links to one")
        else:
            self._entries.append(_bounded(entry))

    def wrong(self, type_: str, place: str, message: str) -> None:
        """An entry, or the whole, cannot be used."""
        self._broken += 1
        self._tell(Problem.error(type_, place, message))

    def odd(self, type_: str, place: str, message: str) -> None:
        """It can be used all the same."""
        self._tell(Problem.warning(type_, place, message))

    def full(self, place: str) -> bool:
        """Whether no entry is read any more; told once."""
        tried = len(self._entries) + self._broken
        if tried >= MOST_ENTRIES and not self._cut:
            self._cut = True
            said = f"this index has more than {MOST_ENTRIES} entries: what follows was not read"
            self._problems.insert(0, Problem.error("entries-too-many", place, said))
        return self._cut

    def link(self, href: str, place: str, base: str = "") -> str | None:
        """`href` as an absolute URL that can be asked for; None, with its problem, where it is none."""
        try:
            absolute = quote(urldefrag(urljoin(base or self.base_url, href.strip())).url, safe=_KEPT)
            if urlsplit(absolute).scheme not in {"http", "https"}:
                self.wrong("link-scheme", place, "this link is neither http nor https")
                return None
            target_of(absolute)
        except Refused as refusal:
            self.wrong(f"link-{refusal.reason.removeprefix('url_')}", place, "this link is no plain http or https URL")
            return None
        except ValueError:
            self.wrong("link-malformed", place, "this link is no URL")
            return None
        return absolute

    def next(self, href: str, place: str, base: str = "") -> None:
        """Where the index goes on: only at its own origin, and never at itself."""
        found = self.link(href, place, base)
        if found is None or found == urldefrag(self.base_url).url:
            return
        if _origin(found) == _origin(self.base_url):
            self.next_link = found
        else:
            self.wrong("next-elsewhere", place, "the index goes on at another origin: that is not followed")

    def index(self) -> Index:
        problems = self._problems
        if self._left_out:
            said = f"{self._left_out} more problems are not listed"
            problems = [*problems, Problem.error("problems-too-many", "/", said)]
        return Index(self.kind, tuple(self._entries), tuple(problems), self.next_link)

    def _tell(self, problem: Problem) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)
        else:
            self._left_out += 1


def plain(text: str | None, longest: int = LONGEST_TITLE) -> str:
    """One line of visible characters, cut at `longest`."""
    return _UNSEEN.sub(" ", text or "").strip()[:longest].strip()


def when(text: str | None) -> datetime | None:
    """An RFC 3339 time with an offset; None where it is none."""
    try:
        at = datetime.fromisoformat((text or "").strip())
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _bounded(entry: Entry) -> Entry:
    identifier = plain(entry.identifier, LONGEST_ID) or None
    return replace(
        entry,
        identifier=identifier,
        title=plain(entry.title),
        events=tuple(_each(entry.events, LONGEST_EVENT)),
        status=plain(entry.status, LONGEST_EVENT) or None,
        message_type=plain(entry.message_type, LONGEST_EVENT) or None,
        references=tuple(_each(entry.references, LONGEST_ID)),
    )


def _each(words: tuple[str, ...], longest: int) -> Iterator[str]:
    """Those that say something, each once."""
    said = dict.fromkeys(plain(word, longest) for word in words)
    yield from [word for word in said if word][:MOST_WORDS]


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        target = target_of(urldefrag(url).url)[1]
    except (Refused, ValueError):
        return None
    return target.scheme, target.host, target.port

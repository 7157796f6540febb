"""An Atom feed (RFC 4287) -> entries: CAP in atom:content, or behind a link of CAP's media type."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from alerts.feeds_in.gathering import Entry, Gathering, when
from alerts.feeds_in.markup import (
    Link,
    add_messages,
    base_of,
    best,
    hint,
    local,
    text,
)

ATOM = "http://www.w3.org/2005/Atom"
ROOTS = frozenset({f"{{{ATOM}}}feed", f"{{{ATOM}}}entry"})
LINK = f"{{{ATOM}}}link"


def read(root: etree._Element, gathering: Gathering) -> None:
    """All entries of a feed; a document that is one entry is one."""
    found = [root] if local(root) == "entry" else root.iterchildren(f"{{{ATOM}}}entry")
    for number, entry in enumerate(found, 1):
        place = f"/feed/entry[{number}]"
        if gathering.full(place):
            break
        _entry(entry, place, gathering)
    for link in _links(root):
        if link.rel == "next":  # RFC 5005 section 3
            gathering.next(link.href, "/feed/link", base_of(root, gathering.base_url))


def _entry(entry: etree._Element, place: str, gathering: Gathering) -> None:
    title = text(entry, "title") or ""
    content = entry.find(f"{{{ATOM}}}content")
    if content is not None and add_messages(gathering, content, place, title):
        return
    chosen = best(_links(entry))
    link = gathering.link(chosen.href, place, base_of(entry, gathering.base_url)) if chosen else None
    if chosen and link is None:
        return  # told already
    gathering.add(
        Entry(
            identifier=text(entry, "id"),
            link=link,
            updated_at=when(text(entry, "updated") or text(entry, "published")),
            content=None,
            title=title,
            events=(hint(entry, "event") or "",),
            status=hint(entry, "status"),
            message_type=hint(entry, "msgType"),
            place=place,
        )
    )


def _links(within: etree._Element) -> Iterator[Link]:
    for one in within.iterchildren(f"{{{ATOM}}}content"):
        yield Link(one.get("src", ""), type=one.get("type", ""))  # RFC 4287 section 4.1.3.2: it stands elsewhere
    for one in within.iterchildren(LINK):
        yield Link(one.get("href", ""), one.get("rel", "alternate"), one.get("type", ""))

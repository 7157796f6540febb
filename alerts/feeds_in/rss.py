"""An RSS 2.0 feed -> entries: a CAP message inside an item, or behind its enclosure or its link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from alerts.feeds_in.atom import LINK
from alerts.feeds_in.gathering import Entry, Gathering, when
from alerts.feeds_in.markup import Link, add_messages, base_of, best, children, hint, text, whole

ROOTS = frozenset({"rss"})


def read(root: etree._Element, gathering: Gathering) -> None:
    """The items of all channels (there should be one)."""
    items = (item for channel in root.iterchildren("channel") for item in channel.iterchildren("item"))
    for number, item in enumerate(items, 1):
        place = f"/rss/channel/item[{number}]"
        if gathering.full(place):
            break
        _item(item, place, gathering)
    for link in root.iterfind(f"channel/{LINK}[@rel='next']"):
        gathering.next(link.get("href", ""), "/rss/channel/link", base_of(link, gathering.base_url))


def _item(item: etree._Element, place: str, gathering: Gathering) -> None:
    title = text(item, "title") or ""
    if add_messages(gathering, item, place, title):
        return
    chosen = best(_links(item))
    link = gathering.link(chosen.href, place, base_of(item, gathering.base_url)) if chosen else None
    if chosen and link is None:
        return  # told already
    gathering.add(
        Entry(
            identifier=_said(item, "guid") or hint(item, "identifier"),
            link=link,
            updated_at=_time(item),
            content=None,
            title=title,
            events=(hint(item, "event") or "",),
            status=hint(item, "status"),
            message_type=hint(item, "msgType"),
            place=place,
        )
    )


def _links(item: etree._Element) -> Iterator[Link]:
    """Enclosures and Atom links by what they say they are; link and a guid that is one say nothing of it."""
    for one in children(item, "enclosure"):
        yield Link(one.get("url", ""), "enclosure", one.get("type", ""))
    for one in item.iterchildren(LINK):
        yield Link(one.get("href", ""), one.get("rel", "alternate"), one.get("type", ""))
    yield Link(_said(item, "link") or "")
    guid = item.find("guid")
    if (
        guid is not None
        and guid.get("isPermaLink", "true") == "true"
        and (_said(item, "guid") or "").startswith("http")
    ):
        yield Link(_said(item, "guid") or "", "self")


def _said(item: etree._Element, name: str) -> str | None:
    """RSS's own element, which has no namespace."""
    found = item.find(name)
    return (whole(found).strip() or None) if found is not None else None


def _time(item: etree._Element) -> datetime | None:
    """PubDate (RFC 822); the time of the message itself where the item says it."""
    if at := when(hint(item, "sent")):
        return at
    try:
        at = parsedate_to_datetime(_said(item, "pubDate") or "")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return when(_said(item, "pubDate"))

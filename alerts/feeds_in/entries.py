"""The index of a feed -> its entries: read by what it is, whatever its header says. Pure, and it raises nothing.

One file a format: `atom`, `rss`, `edxl`, `ipaws`, `geojson`; a single CAP message is an index of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from alerts.feeds_in import atom, edxl, ipaws, rss
from alerts.feeds_in.child_abduction import tells_of_one
from alerts.feeds_in.gathering import Entry, Gathering, Index, Kind
from alerts.feeds_in.geojson import read_json
from alerts.feeds_in.markup import ALERTS, entry_of, local, parse
from alerts.problems import Problem

__all__ = ["Entry", "Index", "read_index", "worth_fetching"]

_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"  # byte order marks and white space, in UTF-8 and UTF-16
Reader = Callable[[etree._Element, Gathering], None]  # noqa: SLF001


def read_index(body: bytes, content_type: str, base_url: str) -> Index:
    """What an index holds. `base_url` is where it came from; `content_type` only names what cannot be recognized.

    A nation's feed of 4 MB takes a fifth of a second of one core: not for an event loop.
    """
    body = body.lstrip(b" \t\r\n")  # an XML declaration behind an empty line is a common slip
    head = body[:64].lstrip(_BLANK)
    if head[:1] == b"<":
        return _markup(body, base_url)
    if head[:1] in {b"{", b"["}:
        return read_json(body, base_url)
    named = content_type.partition(";")[0].strip()[:60] or "nothing"
    said = f"this is neither XML nor JSON; its header calls it {named!r}"
    return Index("unknown", problems=(Problem.error("index-unknown", "/", said if body.strip() else "it is empty"),))


def worth_fetching(entry: Entry) -> bool:
    """Whether an entry may be about an abducted child: yes as well where the index does not say the event."""
    return not entry.events or tells_of_one(entry.events)


def _markup(body: bytes, base_url: str) -> Index:
    root = parse(body)
    if isinstance(root, Problem):
        return Index("unknown", problems=(root,))
    if root.tag in ALERTS:
        gathering = Gathering("cap", base_url)
        gathering.add(replace(entry_of(root, "/alert"), content=body))  # as it came: it may be signed
        return gathering.index()
    for kind, roots, read in _READERS:
        if root.tag in roots:
            gathering = Gathering(kind, base_url)
            read(root, gathering)
            return gathering.index()
    said = f"an XML document with the root {local(root)[:60]!r} is no feed that is read here"
    return Index("unknown", problems=(Problem.error("index-unknown", "/*[1]", said),))


_READERS: tuple[tuple[Kind, frozenset[str], Reader], ...] = (
    ("atom", atom.ROOTS, atom.read),
    ("rss", rss.ROOTS, rss.read),
    ("edxl", edxl.ROOTS, edxl.read),
    ("ipaws", ipaws.ROOTS, ipaws.read),
)

"""XML of strangers: parsed without entities, DOCTYPE or network, and the CAP messages in it taken out whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml import etree

from alerts.cap_elements import VERSIONS
from alerts.cap_xml import names_are_undeclared
from alerts.feeds_in.gathering import MOST_WORDS, Entry, Gathering, when
from alerts.problems import Problem

MAX_BYTES = 16 << 20  # a recent feed of a nation with its audio stays below
ALERTS = frozenset(f"{{{namespace}}}alert" for namespace in VERSIONS)
CAP_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")
XML_TYPES = (*CAP_TYPES, "text/xml", "application/xml")
MOST_LINKS = 50  # of one entry
_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def parse(body: bytes) -> etree._Element | Problem:
    """The root, or why there is none. Comments are gone: in no signature do they count (canonical XML)."""
    if len(body) > MAX_BYTES:
        return Problem.error("index-too-large", "/", f"this index has more than {MAX_BYTES} bytes")
    flat = body.replace(b"\0", b"") if b"\0" in body[:8] else body
    if b"<!ENTITY" in flat:
        return _DOCTYPE
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError, AssertionError) as error:
        line = getattr(error, "lineno", None)
        return Problem.error("xml-malformed", "/", f"this is no well-formed XML{f', line {line}' if line else ''}")
    if names_are_undeclared(parser):
        return Problem.error("xml-malformed", "/", "this is no well-formed XML: a prefix is not declared")
    info = root.getroottree().docinfo
    return _DOCTYPE if info.internalDTD is not None or info.doctype else root


_DOCTYPE = Problem.error(
    "doctype-forbidden", "/", "a DOCTYPE is not allowed: a feed needs none, and it can hide content"
)


def apart(element: etree._Element) -> bytes:
    """An inner element as a document of its own: with the namespaces it declares or uses, and none of its surroundings.

    A namespace that only the surroundings declare would become part of what inclusive canonicalization signs.
    """
    return etree.tostring(deepcopy(element), encoding="UTF-8", xml_declaration=True, with_tail=False)


def messages(within: etree._Element) -> Iterator[etree._Element]:
    """The CAP messages in an element of an index, outermost only, in order."""
    waiting = list(within)[::-1]
    while waiting:
        one = waiting.pop()
        if one.tag in ALERTS:
            yield one
        else:
            waiting += list(one)[::-1]


def entry_of(alert: etree._Element, place: str, title: str = "") -> Entry:
    """The entry that a CAP message is by itself."""
    infos = list(alert.iterchildren("{*}info"))
    return Entry(
        identifier=text(alert, "identifier"),
        link=None,
        updated_at=when(text(alert, "sent")),
        content=apart(alert),
        title=title or next((said for info in infos if (said := text(info, "headline"))), ""),
        events=tuple(islice((event for info in infos for event in _events(info)), MOST_WORDS)),
        status=text(alert, "status"),
        message_type=text(alert, "msgType"),
        references=tuple((text(alert, "references") or "").split()),
        place=place,
    )


def hint(within: etree._Element, name: str) -> str | None:
    """What an entry says in an element of CAP's beside its own, as many feeds do; None where it does not."""
    found = (within.findtext(f"{{{namespace}}}{name}", "").strip() for namespace in VERSIONS)
    return next(filter(None, found), None)


def text(within: etree._Element, name: str) -> str | None:
    """What the first child of this local name says; None where it is missing or says nothing."""
    child = next(iter(children(within, name)), None)
    return (whole(child).strip() or None) if child is not None else None


def children(within: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children of this local name, whatever the letter case and the namespace."""
    return (one for one in within if isinstance(one.tag, str) and local(one) == name.lower())


def local(element: etree._Element) -> str:
    """The local name, lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def whole(element: etree._Element) -> str:
    """All text in an element, also that of marked-up text."""
    return "".join(str(part) for part in element.itertext())


def base_of(element: etree._Element, base_url: str) -> str:
    """The base that relative links in an element are resolved against (xml:base, RFC 4287 section 2)."""
    bases = [one.get(_BASE) for one in (element, *element.iterancestors())]
    found = base_url
    for base in reversed(bases):
        try:
            found = urljoin(found, base) if base else found
        except ValueError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a feed writes it."""

    href: str
    rel: str = "alternate"
    type: str = ""

    @property
    def media(self) -> str:
        """The media type without parameters, lower case."""
        return self.type.partition(";")[0].strip().lower()


def best(found: Iterable[Link]) -> Link | None:
    """The link that most likely leads to the CAP message: one that says so, then XML, then one that says nothing."""
    links = list(islice(found, MOST_LINKS))
    for kinds in (CAP_TYPES, XML_TYPES, ("",)):
        for rel in ("alternate", "enclosure", "related", "via", "self"):
            for link in links:
                if link.media in kinds and link.rel == rel and link.href.strip():
                    return link
    return None


def add_messages(gathering: Gathering, within: etree._Element, place: str, title: str = "") -> bool:
    """Take in the CAP messages that an element holds; False where there are none."""
    number = 0
    for number, alert in enumerate(messages(within), 1):
        if gathering.full(place):
            break
        gathering.add(entry_of(alert, f"{place}/alert[{number}]", title))
    return number > 0


def _events(info: etree._Element) -> Iterator[str]:
    yield from filter(None, (text(info, "event"),))
    for code in info.iterchildren("{*}eventCode"):
        value = text(code, "value") or code.text or ""  # CAP 1.0 writes name=value
        yield value.rpartition("=")[2]

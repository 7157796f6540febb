"""An EDXL Distribution Element (OASIS EDXL-DE 1.0 and 2.0) -> entries: the CAP messages that it carries or points to.

A message is embedded as XML, or as base64 under its media type, or named by its URI. Element names are compared without
regard to letter case, as those who write 1.0 and 2.0 disagree about it. An envelope that is not Actual makes no message
in it Actual: where the two differ, the message is a problem.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from lxml import etree

from alerts.feeds_in.gathering import MOST_CONTENT, Entry, Gathering, when
from alerts.feeds_in.markup import ALERTS, XML_TYPES, children, entry_of, messages, parse, text
from alerts.problems import Problem

VERSIONS = tuple(f"urn:oasis:names:tc:emergency:EDXL:DE:{number}" for number in ("1.0", "2.0"))
ROOTS = frozenset(f"{{{one}}}{name}" for one in VERSIONS for name in ("EDXLDistribution", "edxlDistribution"))


def read(root: etree._Element, gathering: Gathering) -> None:
    """All content objects, whether they stand in the envelope (1.0) or in its content (2.0)."""
    status = text(root, "distributionStatus")
    objects = [*children(root, "contentObject")]
    for content in children(root, "content"):
        objects += children(content, "contentObject")
    for number, one in enumerate(objects, 1):
        place = f"/EDXLDistribution/contentObject[{number}]"
        if gathering.full(place):
            break
        _object(one, place, status, root, gathering)


def _object(one: etree._Element, place: str, status: str | None, root: etree._Element, gathering: Gathering) -> None:
    title = text(one, "contentDescription") or ""
    found = list(messages(one))
    for number, alert in enumerate(found, 1):
        if not gathering.full(place):
            _take(entry_of(alert, f"{place}/alert[{number}]", title), status, gathering)
    files = [*children(one, "nonXMLContent"), *children(one, "otherContent")]
    for file in files:
        if gathering.full(place):
            return
        _file(
            file,
            Entry(None, None, when(text(root, "dateTimeSent")), None, title, status=status, place=place),
            gathering,
        )
    if not found and not files:
        gathering.wrong("entry-leads-nowhere", place, "this content holds no CAP message")


def _file(file: etree._Element, entry: Entry, gathering: Gathering) -> None:
    """What is no XML of the envelope's own: CAP in base64, or elsewhere; other files are no alerts and are passed over."""
    media = (text(file, "mimeType") or "").partition(";")[0].strip().lower()
    data, uri = text(file, "contentData"), text(file, "uri")
    if media not in XML_TYPES:
        gathering.odd("content-no-cap", entry.place, "a file that is no XML is passed over")
    elif data:
        _packed(data, entry, gathering)
    elif uri and (link := gathering.link(uri, entry.place)):
        gathering.add(replace(entry, identifier=uri, link=link))
    elif not uri:
        gathering.wrong("entry-leads-nowhere", entry.place, "this content holds no CAP message")


def _packed(data: str, entry: Entry, gathering: Gathering) -> None:
    try:
        body = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        gathering.wrong("content-base64", entry.place, "this content is no base64")
        return
    root = parse(body) if len(body) <= MOST_CONTENT else None
    if root is None:
        gathering.add(replace(entry, content=body))
    elif isinstance(root, Problem):
        gathering.wrong(root.type, entry.place, root.message)
    elif root.tag not in ALERTS:
        gathering.wrong("content-no-cap", entry.place, "this content is XML, and no CAP message")
    else:
        _take(replace(entry_of(root, entry.place, entry.title), content=body), entry.status, gathering)


def _take(entry: Entry, status: str | None, gathering: Gathering) -> None:
    if entry.status == "Actual" and status is not None and status != "Actual":
        said = "the envelope is not Actual, the message in it says that it is: neither is believed"
        gathering.wrong("status-differs", entry.place, said)
    else:
        gathering.add(entry)

"""What RFC 4287 asks of a feed, section by section: the small checker of the tests."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ONE = ("id", "title", "updated")
_AT_MOST_ONE = ("summary", "content", "published", "rights", "subtitle", "logo", "icon", "generator")


def faults(root) -> list[str]:
    """Every broken rule; an empty list for a valid feed."""
    if root.tag != f"{ATOM}feed":
        return ["the root is no feed"]
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    found = [] if len(ids) == len(set(ids)) else ["4.1.2: entries share an id"]
    if not root.findall(f"{ATOM}link[@rel='self']"):
        found.append("4.1.1: no link to itself")
    for element in (root, *entries):
        found += _of(element, bool(root.findall(f"{ATOM}author")))
    return found


def _of(element, authored: bool) -> list[str]:
    found = [f"4.1: {name} not once" for name in _ONE if len(element.findall(ATOM + name)) != 1]
    found += [f"4.1: {name} twice" for name in _AT_MOST_ONE if len(element.findall(ATOM + name)) > 1]
    at = urlsplit(element.findtext(f"{ATOM}id") or "")
    checks = {
        "4.2.6: the id is no absolute IRI": bool(at.scheme and (at.netloc or at.path)),
        "3.3: updated is no date": bool(_DATE.fullmatch(element.findtext(f"{ATOM}updated") or "")),
        "4.2.14: the title is empty": bool((element.findtext(f"{ATOM}title") or "").strip()),
        "4.1: nobody wrote it": authored or bool(element.findall(f"{ATOM}author")),
        "3.2.1: an author without name": all(one.findtext(f"{ATOM}name") for one in element.iter(f"{ATOM}author")),
        "2: no language": bool(element.get(XML_LANG)),
    }
    links = element.findall(f"{ATOM}link")
    other = [(one.get("type"), one.get("hreflang")) for one in links if one.get("rel", "alternate") == "alternate"]
    checks["4.2.7: a link without href"] = all(one.get("href") for one in links)
    checks["4.1: alternates of one type"] = bool(other) and len(other) == len(set(other))
    return found + [name for name, holds in checks.items() if not holds]

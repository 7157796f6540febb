"""CAP XML -> blocks of checked text: parsing without entities or network, then order, counts, values and lengths.

Every fault is told with the XPath of its place (prefix cap: the namespace of the message). Whatever the bytes, reading
ends: libxml2 bounds depth and names, `MAX_BYTES` the whole, and of a broken document only the first faults are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from alerts.cap_elements import SIGNATURES, VERSIONS, Element, Version
from alerts.cap_faults import Faults, shown
from alerts.cap_values import FORMS

MAX_BYTES = 1 << 20
ENCODINGS = frozenset({"UTF-8", "UTF-16", "US-ASCII", "ASCII"})  # what every reader must know
OLDER = frozenset({"ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"})  # each byte has one meaning
INSTANCES = "{http://www.w3.org/2001/XMLSchema-instance}"
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
DEPRECATED: Mapping[str, str] = {"Very Likely": "Likely"}  # CAP 1.2 section 3.2.2, certainty
SPARED = frozenset({"areaDesc", "valueName", "resourceDesc", "mimeType"})  # an import goes on without
_LETTER_CASES: dict[frozenset[str], dict[str, str]] = {}


@dataclass(slots=True)
class Block:
    """One CAP element with parts: texts and inner blocks by name, in order, each with its XPath."""

    path: str
    version: Version
    texts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # (text, path)
    blocks: dict[str, list[Block]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # names of all that stand in it, whether they could be read or not

    def text(self, name: str) -> str | None:
        found = self.texts.get(name)
        return found[0][0] if found else None

    def list_texts(self, name: str) -> tuple[str, ...]:
        return tuple(text for text, _ in self.texts.get(name, ()))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((b.text("valueName") or "", b.text("value") or "") for b in self.blocks.get(name, ()))


def parse(body: bytes, faults: Faults) -> Block | None:
    """The alert block of a CAP document, or None where there is none to speak of."""
    if len(body) > MAX_BYTES:
        faults.error("document-too-large", "/", f"the document has more than {MAX_BYTES} bytes")
        return None
    if _declares_entities(body):
        faults.error("doctype-forbidden", "/", "a DOCTYPE with entities is not allowed: it can hide what is said")
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError, AssertionError) as error:
        _malformed(body, getattr(error, "lineno", None), faults)
        return None
    if names_are_undeclared(parser):
        _malformed(body, None, faults)
        return None
    return _root(root, faults)


def names_are_undeclared(parser: etree.XMLParser) -> bool:
    """Whether a prefix was used that nobody declared: over a later warning the parser forgets to refuse it."""
    return any(entry.type == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE for entry in parser.error_log)


def claims_cap(body: bytes) -> bool:
    """Whether it says, in any encoding read here, that it is CAP: then what is wrong with it is a fault of a CAP message."""
    head = body[: MAX_BYTES + 1].replace(b"\0", b"")
    return b"<" in head and any(namespace.encode() in head for namespace in VERSIONS)


def _malformed(body: bytes, line: int | None, faults: Faults) -> None:
    if not body.strip():
        faults.error("document-empty", "/", "there is nothing in this document")
    elif b"<!DOCTYPE" in body.replace(b"\0", b""):
        faults.error("doctype-forbidden", "/", "a DOCTYPE is not allowed: CAP needs none, and it can hide content")
    else:
        where = f", line {line}" if line else ""
        faults.error("xml-malformed", "/", f"this is no well-formed XML{where}")


def _declares_entities(body: bytes) -> bool:
    flat = body.replace(b"\0", b"") if b"\0" in body[:8] else body
    return b"<!ENTITY" in flat


def _root(root: etree._Element, faults: Faults) -> Block | None:
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.doctype:
        faults.error("doctype-forbidden", "/", "a DOCTYPE is not allowed: CAP needs none, and it can hide content")
    encoding = (docinfo.encoding or "UTF-8").upper()
    if encoding not in ENCODINGS:
        told = faults.bent if encoding in OLDER else faults.error
        told("xml-encoding", "/", f"it is written in {encoding[:20]}: write UTF-8, which every reader knows")
        if encoding not in OLDER:
            return None
    name = etree.QName(root)
    version = VERSIONS.get(name.namespace or "")
    if name.localname != "alert" or version is None:
        said = f"the root is {shown(name.localname)} in the namespace {shown(name.namespace or '')}: it must be a CAP alert"
        faults.error("alert-missing", "/*[1]", said)
        return None
    return _Reader(version, faults).block(root, "/cap:alert", "alert")


class _Reader:
    """Reads the blocks of one document of one version."""

    def __init__(self, version: Version, faults: Faults) -> None:
        self.version, self.faults = version, faults
        self.parts = {name: {part.name: (n, part) for n, part in enumerate(s)} for name, s in version.blocks.items()}
        self.prefix = f"{{{version.namespace}}}"

    def block(self, element: etree._Element, path: str, kind: str) -> Block:
        block, parts, faults = Block(path, self.version), self.parts[kind], self.faults
        if element.attrib:
            self._attributes(element, path)
        last, counts = 0, dict.fromkeys(parts, 0)
        for child, name, number in self._children(element, path, kind):
            if name not in parts:
                self._unexpected(name, f"{path}/*[{number}]", kind)
                continue
            place, part = parts[name]
            counts[name] += 1
            where = (
                f"{path}/cap:{name}" if part.most == 1 and counts[name] == 1 else f"{path}/cap:{name}[{counts[name]}]"
            )
            if place < last:
                faults.bent(f"{name}-misplaced", where, f"{name} stands too late: CAP orders its elements")
            last = max(last, place)
            block.given.add(name)
            self._take(block, child, part, where)
        self._count(path, kind, counts)
        self._loose(element, path, kind)
        return block

    def _children(self, element: etree._Element, path: str, kind: str) -> Iterator[tuple[etree._Element, str, int]]:
        """The CAP children; signatures may stand at the end of alert, others are passed over."""
        signatures = 0
        for number, child in enumerate(element, 1):
            tag = child.tag
            if not isinstance(tag, str):
                self.faults.error("entity-forbidden", path, "an entity is not allowed: write the text itself")
            elif tag.startswith(self.prefix):
                if signatures and kind == "alert":
                    self.faults.bent("Signature-misplaced", f"{path}/*[{number - 1}]", "a signature stands at the end")
                    signatures = 0
                yield child, tag[len(self.prefix) :], number
            elif kind == "alert" and tag.startswith(f"{{{SIGNATURES}}}") and self.version.dates:
                signatures += 1
                if signatures == 2:
                    self.faults.odd(
                        "Signature-repeated", f"{path}/*[{number}]", "it is signed twice: one signature counts"
                    )
            else:
                self._foreign(tag, f"{path}/*[{number}]", kind)

    def _foreign(self, tag: str, path: str, kind: str) -> None:
        name = tag.rpartition("}")[2]
        if tag.startswith("{" + SIGNATURES) and kind == "alert":
            return  # CAP 1.1 and 1.0 say nothing of signatures, and their messages carry them
        self.faults.bent(
            "element-foreign", path, f"{shown(name)} is no element of CAP {self.version.name}; it is passed over"
        )

    def _unexpected(self, name: str, where: str, kind: str) -> None:
        type_ = f"{name[:40]}-unexpected" if PLAIN_NAME.fullmatch(name) else "element-unexpected"
        self.faults.error(
            type_, where, f"{shown(name)} has no place in {kind} of CAP {self.version.name}: is it misspelt?"
        )

    def _attributes(self, element: etree._Element, path: str) -> None:
        for name in element.attrib:
            if not str(name).startswith(INSTANCES):
                said = (
                    f"an attribute {shown(str(name).rpartition('}')[2])} stands here: CAP has none; it is passed over"
                )
                self.faults.bent("attribute-unexpected", path, said)

    def _loose(self, element: etree._Element, path: str, kind: str) -> None:
        """Text between the elements of a block: schema and readers would not see it."""
        if (element.text and element.text.strip()) or any(child.tail and child.tail.strip() for child in element):
            self.faults.bent(
                f"{kind}-loose-text", path, f"text stands between the elements of {kind}; it is passed over"
            )

    def _count(self, path: str, kind: str, counts: Mapping[str, int]) -> None:
        for part in self.version.blocks[kind]:
            count = counts[part.name]
            if count < part.least:
                self.faults.error(f"{part.name}-missing", path, f"{part.name} is missing in {kind}")
            elif count > part.most:
                said = f"{part.name} stands {count} times in {kind}: it may stand once"
                self.faults.error(f"{part.name}-repeated", f"{path}/cap:{part.name}[2]", said)

    def _take(self, block: Block, child: etree._Element, part: Element, where: str) -> None:
        if part.inner:
            block.blocks.setdefault(part.name, []).append(self.block(child, where, part.name))
            return
        if child.attrib:
            self._attributes(child, where)
        if len(child):
            self.faults.error(f"{part.name}-not-text", where, f"{part.name} must hold text only, and holds elements")
            return
        text = self._right(child.text or "", part, where)
        if text is None:
            return
        if part.paired:
            self._pair(block, part.name, text, where)
        else:
            block.texts.setdefault(part.name, []).append((text, where))

    def _pair(self, block: Block, name: str, text: str, where: str) -> None:
        """CAP 1.0 writes name=value."""
        value_name, equals, value = text.partition("=")
        if not equals:
            self.faults.error(f"{name}-malformed", where, f"{name} is {shown(text)}: CAP 1.0 writes it as name=value")
            return
        pair = Block(where, self.version)
        pair.texts = {"valueName": [(value_name.strip(), where)], "value": [(value.strip(), where)]}
        block.blocks.setdefault(name, []).append(pair)

    def _right(self, given: str, part: Element, where: str) -> str | None:
        """The text as it is to be understood, or None with its fault."""
        text, faults, name = given.strip(), self.faults, part.name
        if not text:
            self._empty(part, where)
            return None
        if len(text) > part.length:
            faults.error(
                f"{name}-too-long", where, f"{name} has {len(text)} characters: at most {part.length} are read"
            )
            return None
        if part.values:
            return self._value(given, text, part, where)
        check = FORMS.get(part.form)
        if check is not None and not check(name, text, where, faults):
            return None
        return text

    def _empty(self, part: Element, where: str) -> None:
        """The schema lets text be empty; where it must be there, it must say something."""
        if part.name in SPARED or (not part.least and (part.form or part.values)):
            told = self.faults.bent
        else:
            told = self.faults.error if part.least and part.name != "value" else self.faults.odd
        told(f"{part.name}-empty", where, f"{part.name} is empty: say it, or leave it out")

    def _value(self, given: str, text: str, part: Element, where: str) -> str | None:
        """One of the values that the standard lists, exactly as it writes them."""
        if text in part.values:
            if given != text:
                self.faults.bent(f"{part.name}-spaces", where, f"there are spaces around {shown(text)}: leave them out")
            return text
        meant = _meant(text, part.values)
        said = f"{part.name} is {shown(text)}: it must be one of {', '.join(sorted(part.values))}"
        (self.faults.bent if meant else self.faults.error)(f"{part.name}-unknown", where, said)
        return meant if self.faults.lenient else None


def _meant(text: str, values: frozenset[str]) -> str | None:
    """The value that is certainly meant: in other letter case, or one that the standard tells to read as another."""
    cases = _LETTER_CASES.setdefault(values, {value.lower(): value for value in values})
    deprecated = DEPRECATED.get(text)
    return deprecated if deprecated in values else cases.get(text.lower())

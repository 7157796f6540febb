"""CAP XML -> blocks of checked text: parsing without entities or network, then order, counts, values and lengths.

A fault that leaves the meaning certain is forgiven where the reader is lenient (imports): it becomes a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from alerts.cap_elements import ALERT, BLOCKS, NAMESPACE, Element
from alerts.model import Problem, Severity

ENCODINGS = frozenset(
    {"UTF-8", "UTF-16", "US-ASCII", "ASCII"}
)  # what every reader of XML must know: others are read apart


@dataclass(slots=True)
class Faults:
    """Collects what is wrong, all at once."""

    lenient: bool
    found: list[Problem] = field(default_factory=list)

    def error(self, type_: str, path: str, message: str) -> None:
        self.found.append(Problem(Severity.ERROR, type_, path, message))

    def forgivable(self, type_: str, path: str, message: str) -> None:
        severity = Severity.WARNING if self.lenient else Severity.ERROR
        self.found.append(Problem(severity, type_, path, message))


@dataclass(slots=True)
class Block:
    """One CAP element with parts: texts and inner blocks by name, in order, each with its XPath."""

    path: str
    texts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # (text, path)
    blocks: dict[str, list[Block]] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        return next((text for text, _ in self.texts.get(name, ())), None)

    def list_texts(self, name: str) -> tuple[str, ...]:
        return tuple(text for text, _ in self.texts.get(name, ()))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((b.text("valueName") or "", b.text("value") or "") for b in self.blocks.get(name, ()))


def parse(body: bytes, faults: Faults) -> Block | None:
    """The alert block of a CAP 1.2 document, or None where there is none to speak of."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError, AssertionError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        faults.error("doctype" if _has_doctype(body) else "xml", "/", f"this is no well-formed XML{where}")
        return None
    return _root(root, faults)


def _root(root: etree._Element, faults: Faults) -> Block | None:
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.doctype:
        faults.error("doctype", "/", "a DOCTYPE is not allowed: CAP needs none, and it can hide content")
        return None
    if (docinfo.encoding or "UTF-8").upper() not in ENCODINGS:
        faults.error("xml", "/", "this is neither UTF-8 nor UTF-16")
        return None
    if root.tag != f"{{{NAMESPACE}}}alert":
        faults.error("alert.namespace", "/*[1]", f"this is no CAP 1.2 message: its root must be alert in {NAMESPACE}")
        return None
    return _block(root, "/alert", ALERT, faults)


def _has_doctype(body: bytes) -> bool:
    return b"<!DOCTYPE" in body.replace(b"\0", b"")


def _block(element: etree._Element, path: str, spec: Sequence[Element], faults: Faults) -> Block:
    block, by_name, order = Block(path), {part.name: part for part in spec}, [part.name for part in spec]
    last, counts = 0, dict.fromkeys(order, 0)
    for child, name in _children(element, path, faults):
        if name not in by_name:
            faults.error(f"{name}.unknown", path, f"{name[:60]} has no place here")
            continue
        counts[name] += 1
        where = f"{path}/{name}[{counts[name]}]" if by_name[name].most > 1 else f"{path}/{name}"
        if order.index(name) < last:
            faults.forgivable(f"{name}.order", where, f"{name} stands too late: CAP orders its elements")
        last = max(last, order.index(name))
        _take(block, child, by_name[name], where, faults)
    _count(path, spec, counts, faults)
    return block


def _children(element: etree._Element, path: str, faults: Faults) -> Iterator[tuple[etree._Element, str]]:
    """The CAP children; a signature or other foreign element may stand in alert only, and is passed over."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        if name.namespace == NAMESPACE:
            yield child, name.localname
        elif path != "/alert":
            faults.forgivable("foreign", path, f"{name.localname[:60]} is not CAP and is passed over")


def _count(path: str, spec: Sequence[Element], counts: dict[str, int], faults: Faults) -> None:
    for part in spec:
        if counts[part.name] < part.least:
            faults.error(f"{part.name}.missing", path, f"{part.name} is missing")
        elif counts[part.name] > part.most:
            faults.error(f"{part.name}.repeated", path, f"{part.name} may stand {part.most} time(s) at most")


def _take(block: Block, child: etree._Element, part: Element, where: str, faults: Faults) -> None:
    if part.name in BLOCKS:
        block.blocks.setdefault(part.name, []).append(_block(child, where, BLOCKS[part.name], faults))
        return
    if len(child):
        faults.error(f"{part.name}.markup", where, f"{part.name} must hold text only")
        return
    text = (child.text or "").strip()
    if _right(text, part, where, faults):
        block.texts.setdefault(part.name, []).append((text, where))


def _right(text: str, part: Element, where: str, faults: Faults) -> bool:
    if not text:
        tell = faults.error if part.least else faults.forgivable
        tell(f"{part.name}.empty", where, f"{part.name} is empty")
        return False
    if len(text) > part.length:
        faults.error(f"{part.name}.long", where, f"{part.name} is longer than {part.length} characters")
        return False
    if part.values and text not in part.values:
        faults.error(f"{part.name}.value", where, f"{part.name} must be one of {', '.join(sorted(part.values))}")
        return False
    return True

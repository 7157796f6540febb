"""What can be withdrawn from an alert that came as a CAP message, element by element, by one person. Pure.

A pointer names it by CAP's own names: /info/0/headline, /info/0/resource/1, /info/1 (a language whole). Texts go whole:
what is left of a sentence that somebody else wrote may say another thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alerts.errors import Refused
from alerts.model import Alert, Info, Problem
from alerts.texts import SHORT_NAMES

TEXTS = ("headline", "description", "instruction", "contact", "web")
_LISTS = {"resource": "resources", "parameter": "parameters"}
_SAYS = {"web": "the link", "contact": "the contact"}


@dataclass(frozen=True, slots=True)
class Offered:
    """One withdrawal: its pointers, and what it takes away in words."""

    pointers: tuple[str, ...]
    says: str


def without(alert: Alert, pointers: Sequence[str]) -> Alert:
    """The alert with these gone. Refused with every pointer that leads nowhere, or when nothing would be left to read."""
    gone = {pointer: _found(alert, pointer) for pointer in pointers}
    unknown = [
        Problem.error("withdraw.unknown", f"/withdraw/{n}", "there is no such element in this message")
        for n, pointer in enumerate(pointers)
        if not gone[pointer]
    ]
    if unknown:
        raise Refused(unknown)
    infos = tuple(_info(info, f"/info/{n}", gone) for n, info in enumerate(alert.infos) if f"/info/{n}" not in gone)
    if not infos or any(not (info.headline or info.description) for info in infos):
        said = "nothing would be left to read: withdraw the language whole, submit an update, or end the search"
        raise Refused([Problem.error("withdraw.empty", "/withdraw", said)])
    return replace(alert, infos=infos)


def offered(alert: Alert) -> Iterator[Offered]:
    """What may be withdrawn, in the message's order. The short texts say headline and description again: they go along."""
    several = len(alert.infos) > 1
    for n, info in enumerate(alert.infos):
        at, of = f"/info/{n}", f" ({info.language})" if several else ""
        short = tuple(f"{at}/parameter/{k}" for k, (name, _) in enumerate(info.parameters) if name in _SHORT)
        for name in (name for name in TEXTS if getattr(info, name)):
            along = short if name in {"headline", "description"} else ()
            said = _SAYS.get(name, f"the {name}") + (" and the short texts" if along else "")
            yield Offered((f"{at}/{name}", *along), said + of)
        for k, one in enumerate(info.resources):
            yield Offered((f"{at}/resource/{k}",), f"“{one.description[:60]}”{of}")
        if several:
            yield Offered((at,), f"all of {info.language}")


_SHORT = frozenset(SHORT_NAMES.values())


def _found(alert: Alert, pointer: str) -> bool:
    """Whether there is such a thing, and it may go."""
    head, *way = pointer.split("/")
    if head or len(way) not in {2, 3, 4} or way[0] != "info" or not _number(way[1], len(alert.infos)):
        return False
    info = alert.infos[int(way[1])]
    if len(way) == 2:
        return True
    if len(way) == 3:
        return way[2] in TEXTS and bool(getattr(info, way[2]))
    return way[2] in _LISTS and _number(way[3], len(getattr(info, _LISTS[way[2]])))


def _number(step: str, count: int) -> bool:
    return step.isascii() and step.isdecimal() and len(step) < 5 and int(step) < count


def _info(info: Info, at: str, gone: dict[str, bool]) -> Info:
    less: dict[str, Any] = {name: None for name in TEXTS if f"{at}/{name}" in gone}
    less |= {
        name: tuple(one for k, one in enumerate(getattr(info, name)) if f"{at}/{element}/{k}" not in gone)
        for element, name in _LISTS.items()
    }
    return replace(info, **less)

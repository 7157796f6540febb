"""What grows from one content to the next: whom it tells, what it says, how long. Pure.

Whatever grows needs a second person; what does not, one may do alone. So in doubt it grows: only what can be shown to be
a part of the earlier content is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.model import Alert, Info
from alerts.texts import SHORT_NAMES
from geo.jurisdictions import sticks_out
from geo.shapes import Shape

__all__ = ["Grown", "Whole", "grows"]

_WORD = re.compile(r"\w+")
_ITS_OWN = ("identifier", "sent_at", "references", "incidents", "msg_type", "infos", "record", "deviations", "imported")
_NOT_SAID = {"area", "expires_at", "sent_at", "identifier"}  # of a record: judged apart, or not told to people
_TOLD = ("headline", "description", "instruction")
_SHORT = frozenset(SHORT_NAMES.values())


class Grown(StrEnum):
    """What needs the second person."""

    RECIPIENTS = "recipients"
    WORDS = "words"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Whole:
    """All that people are told by a message: its alert, the effective area, until when."""

    alert: Alert
    area: Shape
    expires_at: datetime


def grows(before: Whole, after: Whole) -> frozenset[Grown]:
    """What of `after` is not in `before`; nothing for the same content, or for less."""
    found = {
        Grown.RECIPIENTS: _tells_more(before, after),
        Grown.WORDS: _says_more(before.alert, after.alert),
        Grown.TIME: after.expires_at > before.expires_at or _lasts_longer(before.alert, after.alert),
    }
    return frozenset(grown for grown, yes in found.items() if yes)


def _tells_more(before: Whole, after: Whole) -> bool:
    """A place outside of the area, or people of another kind (an exercise that becomes real)."""
    if after.area.is_empty or sticks_out(after.area, before.area, sliver_m=0.0) is not None:
        return True
    names = ("status", "scope", "restriction", "addresses", "codes")
    return any(getattr(before.alert, name) != getattr(after.alert, name) for name in names)


def _says_more(before: Alert, after: Alert) -> bool:
    head = dict.fromkeys(_ITS_OWN)
    if _head(before, head) != _head(after, head) or (before.record is None) is not (after.record is None):
        return True
    made = before.record is not None and after.record is not None
    if before.record is not None and after.record is not None:
        said = [
            one.model_dump(mode="json", exclude=_NOT_SAID, exclude_none=True) for one in (before.record, after.record)
        ]
        if not _is_less(said[0], said[1]):
            return True
    known = {info.language: info for info in before.infos}
    return not after.infos or any(
        info.language not in known or _info_says_more(known[info.language], info, made=made) for info in after.infos
    )


def _head(alert: Alert, without: Mapping[str, None]) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in Alert.__slots__ if name not in without}


def _info_says_more(before: Info, after: Info, *, made: bool) -> bool:
    """`made`: its words are made from a record, of which a field may be gone; each text of others stays as it is, or goes
    whole, as do their contact, link and parameters.

    So are its parameters, and the record has been judged; those that people read, the short texts, are words like others.
    """
    if not set(after.resources) <= set(before.resources):
        return True
    apart: dict[str, Any] = {"resources": (), "areas": (), "expires_at": None, **dict.fromkeys(_TOLD), "parameters": ()}
    if made:
        mine, theirs = _text(before), _text(after)
        if theirs != mine and not _words(theirs) <= _words(mine):
            return True
    else:
        apart |= {name: None for name in ("contact", "web") if getattr(after, name) is None}
        if any(getattr(after, name) not in {None, getattr(before, name)} for name in _TOLD):
            return True
        if not _is_less(list(before.parameters), list(after.parameters)):
            return True
    return replace(before, **apart) != replace(after, **apart)


def _lasts_longer(before: Alert, after: Alert) -> bool:
    ends = {info.language: info.expires_at for info in before.infos}
    for info in after.infos:
        was = ends.get(info.language)
        if was is not None and (info.expires_at is None or info.expires_at > was):
            return True
    return False


def _text(info: Info) -> tuple[str | None, ...]:
    short = (value for name, value in info.parameters if name in _SHORT)
    return (*(getattr(info, name) for name in _TOLD), *short)


def _words(text: Sequence[str | None]) -> set[str]:
    return {word.casefold() for part in text for word in _WORD.findall(part or "")}


def _is_less(before: Any, after: Any) -> bool:
    """Whether `after` is `before` with some of it gone: a member, an item of a list, a yes. No value is another."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(name in before and _is_less(before[name], value) for name, value in after.items())
    if isinstance(before, list) and isinstance(after, list):
        left = iter(before)
        return all(any(_is_less(was, item) for was in left) for item in after)
    return bool(before == after and isinstance(before, bool) == isinstance(after, bool)) or (
        before is True and after is False
    )

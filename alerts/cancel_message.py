"""The CAP Cancel that stands where an alert's CAP stood: what it ended, and nothing of the child. Pure.

Made while the alert can still be opened: a Cancel must name the message it cancels (CAP 1.2 section 3.2.1, references).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from alerts import cap
from alerts.model import Alert, Info, MsgType, Reference, Status
from notifiers.model import Notice, Text

_RANDOM = re.compile(r"[0-9a-f]{32}")  # an identifier of our own making
_LONG = 3  # letters
_WORD = re.compile(r"[^\W\d_]{4,}")


def write(earlier: Alert, said: Notice) -> bytes:
    """The Cancel of `earlier` in the words of `said`, the notice that it is over; empty where naming it would tell."""
    if tells(earlier):
        return b""
    sent_at = max(said.sent_at, earlier.sent_at + timedelta(seconds=1)).replace(microsecond=0)
    infos = tuple(_info(language, text, said) for language, text in said.texts.items())
    message = Alert(
        identifier=uuid4().hex,
        sender=earlier.sender,
        sent_at=sent_at,
        status=Status(said.status),
        msg_type=MsgType.CANCEL,
        references=(Reference(earlier.sender, earlier.identifier, earlier.sent_at),),
        infos=infos,
    )
    return cap.write(message)


def tells(alert: Alert) -> bool:
    """Whether the identifier itself holds a name, a plate or a word of what is said: a Cancel would keep it."""
    named = "" if _RANDOM.fullmatch(alert.identifier) else alert.identifier
    bare = _bare(named)
    parts = set(re.split(r"[\W_]+", named.lower()))  # two letters are in any text: they count as a part of their own
    words = filter(None, map(_bare, _of_the_child(alert, named)))
    return any(word in (parts if len(word) < _LONG else bare) for word in words)


def _of_the_child(alert: Alert, named: str) -> Iterator[str]:
    if alert.record is None:
        words = {word.lower() for info in alert.infos for word in _said(info)}
        yield from words & {word.lower() for word in _WORD.findall(named)}
        return
    for person in (*alert.record.children, *alert.record.suspects):
        yield from (person.name or "").split()
    yield from (vehicle.plate or "" for vehicle in alert.record.vehicles)


def _said(info: Info) -> list[str]:
    return _WORD.findall(f"{info.headline or ''} {info.description or ''}")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def _info(language: str, text: Text, said: Notice) -> Info:
    return Info(
        event=text.headline,
        language=language,
        response_types=("AllClear",),
        urgency="Past",
        severity="Minor",
        certainty="Observed",
        expires_at=said.expires_at,
        sender_name=said.sender_name,
        headline=text.headline,
        description=text.body,
        web=said.page_url,
    )

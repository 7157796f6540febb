"""A notice as bytes and back: JSON, so that a notice frozen by one release is thawed by the next. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from geo.shapes import Shape
from notifiers.catalogues import ALL
from notifiers.model import Kind, Notice, Text

FORMAT = 1
_PLAIN = ("incident", "version", "number", "status", "sender_name", "page_url", "area_digest", "reach")


def freeze(notice: Notice) -> bytes:
    """All of it, losslessly."""
    content: dict[str, Any] = {name: getattr(notice, name) for name in _PLAIN}
    content |= {
        "format": FORMAT,
        "kind": notice.kind.value,
        "sent_at": notice.sent_at.isoformat(),
        "expires_at": notice.expires_at.isoformat(),
        "texts": [[language, asdict(text)] for language, text in notice.texts.items()],
        "outside_texts": [[language, asdict(text)] for language, text in notice.outside_texts.items()],
        "area": None if notice.area is None else notice.area.to_geojson(),
        "last_seen": notice.last_seen,
        "cap_xml": base64.b64encode(notice.cap_xml).decode(),
        "tells_outside": notice.tells_outside,
        "repeats_on": notice.repeats_on,
        "plate": notice.plate,
        "wakes_within_m": notice.wakes_within_m,
        "spoken": sorted(notice.spoken),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def thaw(frozen: bytes) -> Notice:
    """What was frozen; ValueError for anything else."""
    content = json.loads(frozen)
    if content.get("format") != FORMAT:
        raise ValueError("a notice of another format")
    last_seen, repeats_on = content["last_seen"], content.get("repeats_on")
    return Notice(
        **{name: content[name] for name in _PLAIN},
        kind=Kind(content["kind"]),
        sent_at=datetime.fromisoformat(content["sent_at"]),
        expires_at=datetime.fromisoformat(content["expires_at"]),
        texts={language: _text(text) for language, text in content["texts"]},
        outside_texts={language: _text(text) for language, text in content.get("outside_texts", ())},
        area=None if content["area"] is None else Shape.from_json(content["area"]),
        last_seen=None if last_seen is None else (last_seen[0], last_seen[1]),
        cap_xml=base64.b64decode(content["cap_xml"]),
        tells_outside=content.get("tells_outside", True),
        repeats_on=None if repeats_on is None else tuple(repeats_on),
        plate=content.get("plate", ""),  # a notice that an earlier release froze has none
        wakes_within_m=content.get("wakes_within_m"),
        spoken=frozenset(content.get("spoken", ALL)),
    )


def _text(content: Mapping[str, str]) -> Text:
    """Members that a later release added are left out."""
    return Text(**{one.name: content[one.name] for one in fields(Text) if one.name in content})

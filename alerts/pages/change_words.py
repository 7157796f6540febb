"""A change that waits, in words and with a map, as the second person looks at it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from alerts import tip_box
from alerts.agencies import Agency, Officer
from alerts.changes import Change, Kind
from alerts.pages.map import around, draw
from alerts.pages.map.svg import Captions
from geo.drawing import area_km2
from geo.places import Gazetteer
from geo.shapes import Shape


@dataclass(frozen=True, slots=True)
class Put:
    """One change: what it would do, who asked, until when; the hash that a confirmation is bound to."""

    id: str
    words: str
    proposer: str
    proposed_by: int
    expires_at: datetime
    content_hash: str
    map: Markup | None


def put(gazetteer: Gazetteer, change: Change, people: Sequence[Officer], agencies: Sequence[Agency]) -> Put:
    """In words, with whom and what it is about by name."""
    who = next((one.name for one in people if one.id == change.content.get("officer_id")), "somebody")
    of = next((one.name for one in agencies if one.id == change.agency_id), "the house")
    drawn = change.content.get("jurisdiction")
    shape = Shape.from_json(drawn) if drawn else None
    words = _words(change, who, of) + (f" ({area_km2(shape):,.0f} km²)" if shape else "")
    caption = Captions("Map of the jurisdiction")
    map_ = Markup(draw(shape, around(gazetteer), captions=caption)) if shape else None  # noqa: S704 drawn by us
    return Put(change.id, words, change.proposer, change.proposed_by, change.expires_at, change.content_hash, map_)


def _words(change: Change, who: str, of: str) -> str:
    content = change.content
    roles = ", ".join(content.get("roles", ()))
    return {
        Kind.PERSON: lambda: f"Invite {content['name']} to {of}, who may: {roles}",
        Kind.ROLES: lambda: f"From now on {who} may: {roles}",
        Kind.LINK: lambda: f"A new invitation for {who}, to register a passkey",
        Kind.KEY: lambda: (
            f"A {content['use']} key “{content['name']}” for {who}, {content['days']} days, that may: {roles}"
        ),
        Kind.AGENCY: lambda: (
            f"Add {content['name']} ({content['code']}, {content['sender']}, {content['programme']}), not live yet"
        ),
        Kind.JURISDICTION: lambda: f"Another jurisdiction for {of}",
        Kind.LIVE: lambda: f"{of} may send real alerts",
        Kind.MACHINE: lambda: f"Allow this once, on the machine: lookout {content['words']} --change {change.id}",
        Kind.TIP_KEY: lambda: _tip_words(content, of),
        Kind.FEED_SOURCE: lambda: _source_words(content, of),
        Kind.FEED_RULE: lambda: (
            f"What the source “{content.get('source', content['source_id'])}” sends is approved by rule, without an "
            f"officer of {of}, up to {content['reach_cap']:,} people"
        ),
    }[change.kind]()


def _tip_words(content: Mapping[str, Any], of: str) -> str:
    if content["public"] is None:
        return f"What people saw is encrypted to {of} with a key that the house makes: its officers read it here"
    told = tip_box.fingerprint(bytes.fromhex(content["public"]))
    return f"What people saw is encrypted to {of} with its own key {told}: only who holds that key can read it"


def _source_words(content: Mapping[str, Any], of: str) -> str:
    what = "Change the source" if content.get("source_id") is not None else "Add the source"
    signed = f"signed as in the folder “{content['trust']}”" if content["trust"] else "not signed"
    said = f"{what} “{content['name']}” ({content['url']}), {signed}, asked every {content['interval_s']} s"
    return f"{said}; what it sends becomes drafts of {of}"

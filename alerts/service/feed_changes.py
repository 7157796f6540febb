"""Sources of feeds as changes that two people make: adding, changing, switching on again; and switching a rule on.

A source that changes loses its rule: who switched it on looked at another source. The caller owns the transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from alerts import agencies, audit, feed_sources
from alerts.agencies import Agency, Role
from alerts.changes import Change, Kind
from alerts.errors import NotFound
from alerts.feed_sources import Source
from alerts.model import Problem
from alerts.services import Services
from notifiers.guard import Refused as Forbidden
from notifiers.guard import target_of

INTERVAL_S = range(10, 24 * 60 * 60 + 1)
LONGEST_SILENCE_S = 30 * 24 * 60 * 60
MOST_REACHED = 100_000_000
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OWN = ("name", "url", "trust", "interval_s", "longest_silence_s")


def source_faults(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a source; NotFound for one that is not there, or an agency that is not named."""
    if agency_id is None:
        raise NotFound("no such agency")
    source_id = content.get("source_id")
    if source_id is not None:
        _of(connection, agency_id, source_id)
    name = content["name"]
    if not 1 <= len(name.strip()) <= 64 or not name.isprintable():
        yield Problem.error("name.length", "/name", "name must have 1 to 64 readable characters")
    taken = feed_sources.find_name(connection, name)
    if taken and taken.id != source_id:
        yield Problem.error("name.taken", "/name", "there is a source of this name already")
    try:
        target_of(content["url"])
    except Forbidden as forbidden:
        yield Problem.error(f"url.{forbidden.reason}", "/url", "url must be a plain http or https address")
    if content["trust"] is not None and not _FOLDER.fullmatch(content["trust"]):
        yield Problem.error("trust.name", "/trust", "trust names a folder of certificates: letters, digits, . _ -")
    yield from _times(content)


def _times(content: Mapping[str, Any]) -> Iterator[Problem]:
    if content["interval_s"] not in INTERVAL_S:
        said = f"interval_s must be from {INTERVAL_S[0]} to {INTERVAL_S[-1]} seconds"
        yield Problem.error("interval_s.range", "/interval_s", said)
    silence = content["longest_silence_s"]
    if silence is not None and not content["interval_s"] <= silence <= LONGEST_SILENCE_S:
        said = f"longest_silence_s must be from the interval to {LONGEST_SILENCE_S} seconds"
        yield Problem.error("longest_silence_s.range", "/longest_silence_s", said)


def rule_faults(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a rule: of a source that bears no signature there is none, for anybody could speak as it."""
    source = _of(connection, agency_id, content["source_id"])
    if source.trust is None:
        yield Problem.error("rule.unsigned", "/source_id", "only what is signed is approved by rule")
    if not source.enabled:
        yield Problem.error("rule.disabled", "/source_id", "this source is switched off")
    if not 1 <= content["reach_cap"] <= MOST_REACHED:
        yield Problem.error("reach_cap.range", "/reach_cap", f"reach_cap must be from 1 to {MOST_REACHED} people")


def apply(connection: Connection, services: Services, change: Change) -> None:
    """Do it."""
    if change.kind is Kind.FEED_RULE:
        _apply_rule(connection, change)
    else:
        _apply_source(connection, services, change)


def _apply_source(connection: Connection, services: Services, change: Change) -> None:
    """A new source with the two rows in whose names it acts; or another url, trust and times for one there is."""
    own = {name: change.content[name] for name in _OWN} | {"change_id": change.id}
    if change.content.get("source_id") is not None:
        anew = {"enabled": True, "rule_on": False, "reach_cap": None, "rule_change_id": None}
        never = {"state": "new", "failures": 0, "next_poll_at": None, "etag": None, "last_modified": None}
        feed_sources.change(connection, change.content["source_id"], **own, **anew, **never)
        return
    of = agencies.get_agency(connection, change.agency_id or 0)
    add(connection, of, change.content, change.id, services.clock())


def add(connection: Connection, of: Agency, content: Mapping[str, Any], change_id: str, now: datetime) -> None:
    """A new source of this agency, and the rows of officers in whose names it acts."""
    add_officer, name = agencies.add_officer, content["name"]
    author = add_officer(connection, name=f"Feed {name}", roles={Role.SUBMIT}, now=now, agency=of)
    rule = add_officer(connection, name=f"Rule of feed {name}", roles={Role.APPROVE}, now=now, agency=of)
    own = {one: content[one] for one in _OWN} | {"author_id": author.id, "rule_id": rule.id}
    source_id = feed_sources.add(connection, agency_id=of.id, change_id=change_id, **own)
    audit.write(connection, audit.SYSTEM, "feed_add", now, detail={"source": source_id, "change": change_id})


def _apply_rule(connection: Connection, change: Change) -> None:
    content = change.content
    rule = {"rule_on": True, "reach_cap": content["reach_cap"], "rule_change_id": change.id}
    feed_sources.change(connection, content["source_id"], **rule)


def _of(connection: Connection, agency_id: int | None, source_id: int) -> Source:
    found = feed_sources.find(connection, source_id)
    if found is None or found.agency_id != agency_id:
        raise NotFound("no such source")
    return found

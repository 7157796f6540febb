"""/v1/feeds/sources: how the feeds of others do, and what became of their messages. Changing one takes two people,
signed in: see the page /feeds. Operators see nothing of a child here.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Response

from alerts.api.access import OPERATOR, Given, SignedIn, rule
from alerts.api.conditions import SeenState, tagged
from alerts.api.documents import CHANGE, READ
from alerts.api.wire import StrictRoute, Wire
from alerts.errors import Changed
from alerts.feed_log import Entry
from alerts.feed_sources import Source
from alerts.service import feeds
from alerts.service.chain import Seen

router = APIRouter(prefix="/v1/feeds/sources", tags=["feeds"], route_class=StrictRoute)
SourceId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class SourceOut(Wire):
    """A source and how it does. `state`: new, well, failing or silent; `last_error` is a word."""

    id: int
    name: str
    url: str
    agency: str
    signed: bool
    enabled: bool
    interval_s: int
    state: str
    failures: int
    last_error: str | None
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime | None
    rule_on: bool
    reach_cap: int | None

    @classmethod
    def of(cls, source: Source) -> Self:
        health = source.health
        return cls(
            id=source.id,
            name=source.name,
            url=source.url,
            agency=source.agency_name,
            signed=source.trust is not None,
            enabled=source.enabled,
            interval_s=source.interval_s,
            state=health.state,
            failures=health.failures,
            last_error=health.last_error,
            last_poll_at=source.last_poll_at,
            last_ok_at=health.last_ok_at,
            last_new_at=health.last_new_at,
            next_poll_at=health.next_poll_at,
            rule_on=source.rule_on,
            reach_cap=source.reach_cap,
        )


class ImportOut(Wire):
    """One line of the import log: types of faults, and no word of the message."""

    at: datetime
    outcome: str
    status: str | None
    msg_type: str | None
    sent_at: datetime | None
    faults: list[str]
    deviations: list[str]
    incident: int | None
    perhaps: list[int]
    rule: str | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        line = entry.line
        return cls(
            at=entry.at,
            outcome=line.outcome.value,
            status=line.status,
            msg_type=line.msg_type,
            sent_at=line.sent_at,
            faults=list(line.faults),
            deviations=list(line.deviations),
            incident=line.incident_id,
            perhaps=list(line.perhaps),
            rule=line.rule,
        )


@router.get("", responses=READ)
@rule(OPERATOR)
def list_sources(operator: SignedIn, services: Given) -> list[SourceOut]:
    """All sources, by name."""
    return [SourceOut.of(one.source) for one in feeds.list_all(services, operator)]


@router.get("/{source_id}", responses=READ)
@rule(OPERATOR)
def get_source(source_id: SourceId, operator: SignedIn, services: Given, response: Response) -> SourceOut:
    """One source; its ETag is for switching it off."""
    source = feeds.get(services, operator, source_id, lines=0).source
    tagged(response, _tag(source))
    return SourceOut.of(source)


@router.get("/{source_id}/log", responses=READ)
@rule(OPERATOR)
def list_imports(
    source_id: SourceId, operator: SignedIn, services: Given, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[ImportOut]:
    """What became of its messages, the newest first."""
    return [ImportOut.of(one) for one in feeds.get(services, operator, source_id, lines=limit).log]


@router.post("/{source_id}/poll", status_code=204, responses=READ)
@rule(OPERATOR)
def poll(source_id: SourceId, operator: SignedIn, services: Given) -> Response:
    """Ask it at once."""
    feeds.poll_now(services, operator, source_id)
    return Response(status_code=204)


@router.post("/{source_id}/disable", status_code=204, responses=CHANGE)
@rule(OPERATOR)
def disable(source_id: SourceId, operator: SignedIn, services: Given, seen: SeenState) -> Response:
    """It is asked no more, and its rule is off: at once, by one person. Switching it on again takes two."""
    _must_be(seen, feeds.get(services, operator, source_id, lines=0).source)
    feeds.disable(services, operator, source_id)
    return Response(status_code=204)


@router.delete("/{source_id}/rule", status_code=204, responses=CHANGE)
@rule(OPERATOR)
def end_rule(source_id: SourceId, operator: SignedIn, services: Given, seen: SeenState) -> Response:
    """What it sends waits for people again: at once, by one person."""
    _must_be(seen, feeds.get(services, operator, source_id, lines=0).source)
    feeds.end_rule(services, operator, source_id)
    return Response(status_code=204)


def _must_be(seen: Seen, source: Source) -> None:
    """Changed where it is another than was seen. Both acts only take away, and twice is as once."""
    if seen is not None and _tag(source) not in seen:
        raise Changed(_tag(source))


def _tag(source: Source) -> str:
    said = [source.id, source.change_id, source.rule_change_id, source.enabled, source.rule_on]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]

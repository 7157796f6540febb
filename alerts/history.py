"""What became of alerts, from the first to the last: for operators, as a table, as CSV and for reviews. Nothing of a child."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from alerts.console_tables import review
from alerts.reviewing import SHARES, Reviewed
from alerts.tables import agency, incident
from notifiers import attention, tallies
from notifiers.latency import MARKS_S, Latency
from notifiers.model import Kind
from notifiers.tables import notice

COLUMNS = (
    "alert", "agency", "status", "opened_at", "first_sent_at", "ended_at", "ended_why", "messages", "planned", "sent", "in_doubt",
    "failed", "dropped", *(f"within_{mark}_s" for mark in MARKS_S), *(f"p{share}_s" for share in SHARES), "opened", "shared",
    "left", "outcome", "part",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """One incident that was ever let go. `facts` is what a review keeps: reach and times, numbers only."""

    id: int
    token: str
    agency: str
    status: str
    opened_at: datetime
    approved_at: datetime
    ended_at: datetime | None
    ended_why: str | None
    messages: int
    outcome: str | None
    part: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.ended_at is not None


def list_past(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Past]:
    """The newest first; `before` an incident's number to go on from there."""
    let_go = select(notice.c.incident_id).where(notice.c.test.is_(False))
    query = _query().where(incident.c.id.in_(let_go)).order_by(incident.c.id.desc()).limit(limit)
    rows = connection.execute(query if before is None else query.where(incident.c.id < before)).all()
    return [_past(connection, row) for row in rows]


def find(connection: Connection, token: str) -> Past | None:
    """One of them by its public token."""
    row = connection.execute(_query().where(incident.c.token == token)).one_or_none()
    known = row and connection.execute(select(notice.c.id).where(notice.c.incident_id == row.id).limit(1)).first()
    return _past(connection, row) if row and known else None


def keep_review(connection: Connection, past: Past, outcome: str, part: str, *, officer_id: int, now: datetime) -> None:
    """The review of an incident that is over; a later one takes its place."""
    connection.execute(delete(review).where(review.c.incident_id == past.id))
    facts = json.dumps(dict(past.facts), sort_keys=True)
    values = {"outcome": outcome, "part": part, "facts": facts, "reviewed_by": officer_id, "reviewed_at": now}
    connection.execute(insert(review).values(incident_id=past.id, **values))


def reviewed_by_year(connection: Connection, *, actual: bool = True) -> dict[int, list[Reviewed]]:
    """Reviewed alerts by the year in which they were opened, the newest year first."""
    kind = incident.c.status == "Actual" if actual else incident.c.status != ""
    query = select(incident.c.opened_at, review).join(review, review.c.incident_id == incident.c.id)
    found: dict[int, list[Reviewed]] = {}
    for row in connection.execute(query.where(kind, incident.c.test.is_(False)).order_by(incident.c.opened_at.desc())):
        found.setdefault(row.opened_at.year, []).append(Reviewed(row.outcome, row.part, json.loads(row.facts)))
    return found


def as_rows(past: list[Past]) -> Iterator[list[str]]:
    """Rows of CSV by COLUMNS. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    for one in past:
        facts = {name: "" if value is None else str(value) for name, value in one.facts.items()}
        own = {
            "alert": one.token, "agency": one.agency, "status": one.status, "opened_at": _time(one.opened_at),
            "first_sent_at": _time(one.approved_at), "ended_at": _time(one.ended_at), "ended_why": one.ended_why or "",
            "messages": str(one.messages), "outcome": one.outcome or "", "part": one.part or "",
        }  # fmt: skip
        yield [_plain((own | facts).get(name, "")) for name in COLUMNS]


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _query() -> Any:
    columns = (incident.c[name] for name in ("id", "token", "status", "opened_at", "ended_at", "ended_why"))
    return (
        select(*columns, agency.c.name, review.c.outcome, review.c.part)
        .join(agency, agency.c.id == incident.c.agency_id)
        .outerjoin(review, review.c.incident_id == incident.c.id)
    )


def _past(connection: Connection, row: Row[Any]) -> Past:
    notices = connection.execute(
        select(notice.c.id, notice.c.kind, notice.c.approved_at)
        .where(notice.c.incident_id == row.id)
        .order_by(notice.c.id)
    ).all()
    said = [one for one in notices if one.kind != Kind.CANCEL.value]
    return Past(
        row.id, row.token, row.name, row.status, row.opened_at, notices[0].approved_at, row.ended_at, row.ended_why,
        len(notices), row.outcome, row.part, facts(connection, [one.id for one in said]),
    )  # fmt: skip


def facts(connection: Connection, notice_ids: list[int]) -> dict[str, int | float | None]:
    """Reach and times of all messages but the last, that it is over: who got an update counts again."""
    tallied = [one for notice_id in notice_ids for one in tallies.tally(connection, notice_id).values()]
    waits = [one for notice_id in notice_ids for one in tallies.latency(connection, notice_id).values()]
    sums = [sum(counts) for counts in zip(*(one.counts for one in waits), strict=True)]
    waited = Latency(tuple(sums)) if sums else Latency()
    looks = [one for told in attention.read(connection, notice_ids).values() for one in told]
    return {
        **{
            name: sum(getattr(one, name) for one in tallied)
            for name in ("planned", "sent", "in_doubt", "failed", "dropped")
        },
        **{f"within_{mark}_s": count for mark, count in waited.within_marks.items()},
        **{f"p{share}_s": _rounded(waited.quantile_s(share / 100)) for share in SHARES},
        **{what: sum(one.count or 0 for one in looks if one.what == what) for what in ("opened", "shared", "left")},
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)

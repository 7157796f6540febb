"""The JSON that goes out, made from the read models of `alerts.reports`, each with an example."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from alerts import reports
from alerts.api.wire import ALERT_ID, HEX64, SQUARE, Wire, example
from alerts.model import Problem
from alerts.outside import SticksOut


class ProblemOut(Wire):
    model_config = example(
        severity="error", type="area-same-unknown", path="/area/same/0", message="999999 is no known place"
    )
    severity: str
    type: str
    path: str
    message: str
    drawing: dict[str, Any] | None = None  # area-jurisdiction: a FeatureCollection of the part that sticks out

    @classmethod
    def of(cls, problem: Problem) -> Self:
        drawn = problem.drawing() if isinstance(problem, SticksOut) else None
        return cls(
            severity=problem.severity, type=problem.type, path=problem.path, message=problem.message, drawing=drawn
        )


class ProblemDocument(BaseModel):
    """RFC 9457, with all faults at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "999999 is no known place",
                    "problems": [
                        {"severity": "error", "type": "area-same-unknown", "path": "/area/same/0", "message": "999999 is no known place"}
                    ],
                }
            ]
        }
    )  # fmt: skip
    type: str
    title: str
    status: int
    detail: str | None = None
    problems: list[ProblemOut]


class SubmissionOut(Wire):
    """What a submission left. `area` is the effective area, which may differ from what was drawn only as said in problems."""

    model_config = example(
        id=ALERT_ID, token=ALERT_ID, page_url="https://alerts.example/a/" + ALERT_ID, state="pending", kind="alert", version=1,
        number=1, content_hash=HEX64, area_digest=HEX64, area=SQUARE, reach=41872, problems=[], replayed=False,
    )  # fmt: skip
    id: str
    token: str
    page_url: str
    state: str
    kind: str
    version: int
    number: int
    content_hash: str
    area_digest: str
    area: dict[str, Any] | None
    reach: int
    problems: list[ProblemOut]
    replayed: bool
    lapses_at: datetime | None = Field(default=None, description="Until when it waits for its approval.")

    @classmethod
    def of(cls, left: reports.Submission, base_url: str) -> Self:
        return cls(
            id=left.id,
            token=left.token,
            page_url=f"{base_url}/a/{left.token}",
            state=left.state,
            kind=left.kind,
            version=left.version,
            number=left.number,
            content_hash=left.content_hash,
            area_digest=left.area_digest,
            area=left.area.to_geojson() if left.area else None,
            reach=left.reach,
            problems=[ProblemOut.of(problem) for problem in left.problems],
            replayed=left.replayed,
            lapses_at=left.lapses_at,
        )


class DecisionOut(Wire):
    model_config = example(
        id=ALERT_ID, token=ALERT_ID, state="active", at="2025-06-01T12:00:00Z", reach=41872, notice_id=7
    )
    id: str
    token: str
    state: str
    at: datetime
    reach: int
    notice_id: int | None
    lapses_at: datetime | None = Field(default=None, description="Until when it waits for its approval.")

    @classmethod
    def of(cls, left: reports.Decision) -> Self:
        return cls(
            id=left.id,
            token=left.token,
            state=left.state,
            at=left.at,
            reach=left.reach,
            notice_id=left.notice_id,
            lapses_at=left.lapses_at,
        )


class AlertOut(Wire):
    """One line of the list: the newest message of an incident. `headline` is null once the child's data is gone."""

    model_config = example(
        id=ALERT_ID, reference="CBI-00007", agency="Colorado Bureau of Investigation", status="Exercise", state="active",
        kind="alert", version=1, number=1, created_at="2025-06-01T11:58:00Z", expires_at="2025-06-02T11:58:00Z",
        headline="AMBER Alert", reach=41872, page_url="https://alerts.example/a/" + ALERT_ID,
    )  # fmt: skip
    id: str
    reference: str
    agency: str
    status: str
    state: str
    kind: str
    version: int
    number: int
    created_at: datetime
    expires_at: datetime
    headline: str | None
    reach: int
    page_url: str
    lapses_at: datetime | None = Field(default=None, description="Until when it waits for its approval.")

    @classmethod
    def of(cls, row: reports.AlertRow, base_url: str) -> Self:
        return cls(**row_members(row, base_url))


class ChangeOut(Wire):
    """People: told for the first time (`newly`), told before and inside still, told before and inside no longer.

    `tells_again`: a new version tells those still inside; `tells_outside`: those inside no longer as well. Beside them
    `outlets`, the signs, posts and webhooks inside, all of which are told, `outlets_again` of them again (by an
    enlargement as well), and `outlets_outside`, told before and inside no longer.
    """

    model_config = example(
        newly=1200,
        still=40672,
        outside=311,
        tells_again=True,
        tells_outside=True,
        outlets=12,
        outlets_again=9,
        outlets_outside=0,
    )
    newly: int
    still: int
    outside: int
    tells_again: bool
    tells_outside: bool
    outlets: int
    outlets_again: int
    outlets_outside: int

    @classmethod
    def of(cls, found: reports.AreaChange) -> Self:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class SleepersOut(Wire):
    """People in quiet hours now: `later` are told when these end (the last at `last_at`) if it still holds then, `woken`
    at once, for they are within `within_m` metres of where the child was last seen and the danger is imminent.
    """

    model_config = example(later=812, last_at="2026-01-16T13:00:00Z", woken=14, within_m=10000.0)
    later: int
    last_at: datetime | None
    woken: int
    within_m: float | None


class AlertDetail(AlertOut):
    """One message whole; area and record are null once the child's data is gone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    token: str
    content_hash: str
    area_digest: str
    area: dict[str, Any] | None
    record: dict[str, Any] | None
    problems: list[ProblemOut]
    note: str | None
    authors: list[str]
    decided_by: str | None
    decided_at: datetime | None
    actions: list[str]
    history: list[AlertOut]
    change: ChangeOut | None
    sleepers: SleepersOut | None

    @classmethod
    def seen(cls, view: reports.AlertView, base_url: str) -> Self:
        return cls(
            **row_members(view.row, base_url),
            token=view.token,
            content_hash=view.content_hash,
            area_digest=view.area_digest,
            area=view.area.to_geojson() if view.area else None,
            record=dict(view.record) if view.record else None,
            problems=[ProblemOut.of(problem) for problem in view.problems],
            note=view.note,
            authors=list(view.authors),
            decided_by=view.decided_by,
            decided_at=view.decided_at,
            actions=list(view.actions),
            history=[AlertOut.of(row, base_url) for row in view.history],
            change=ChangeOut.of(view.change) if view.change else None,
            sleepers=SleepersOut.model_validate(view.sleepers, from_attributes=True) if view.sleepers else None,
        )


def row_members(row: reports.AlertRow, base_url: str) -> dict[str, Any]:
    names = set(AlertOut.model_fields) - {"page_url"}
    return {name: getattr(row, name) for name in names} | {"page_url": base_url + row.page_path}


class EnrolledOut(Wire):
    """The recipient's id and its own secret, told here and never again: `Authorization: Bearer {id}.{token}`."""

    model_config = example(id="u8Yt1kQ2m4N6p8R0s2U4wQ", token=HEX64[:32], radius_m=790.0, refused=[])
    id: str
    token: str = Field(repr=False)
    radius_m: float = Field(description="How far the stored place may be from the given one, in metres.")
    refused: list[str] = Field(description="Ways to be told that were not taken, and why.")


class InboxOut(Wire):
    id: int
    token: str
    kind: str
    version: int
    number: int
    status: str
    arrived_at: datetime
    expires_at: datetime
    over: bool
    headline: str
    body: str
    instruction: str
    url: str

    @classmethod
    def of(cls, item: reports.InboxItem) -> Self:
        said = {name: getattr(item.text, name) for name in ("headline", "body", "instruction")}
        return cls(**said | {name: getattr(item, name) for name in cls.model_fields if name not in said})


class PlaceOut(Wire):
    model_config = example(code="008031", name="Denver County, CO")
    code: str
    name: str

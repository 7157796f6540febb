"""The JSON that goes out, made from the read models of `alerts.reports`, each with an example."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from alerts import reports
from alerts.api.wire import ALERT_ID, HEX64, SQUARE, Wire, example
from alerts.model import Problem
from geo import drawing


class ProblemOut(Wire):
    model_config = example(
        severity="error", type="area.same.unknown", path="/area/same/0", message="999999 is no known place"
    )
    severity: str
    type: str
    path: str
    message: str

    @classmethod
    def of(cls, problem: Problem) -> Self:
        return cls(severity=problem.severity, type=problem.type, path=problem.path, message=problem.message)


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
                        {"severity": "error", "type": "area.same.unknown", "path": "/area/same/0", "message": "999999 is no known place"}
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

    @classmethod
    def of(cls, left: reports.Decision) -> Self:
        return cls(
            id=left.id, token=left.token, state=left.state, at=left.at, reach=left.reach, notice_id=left.notice_id
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

    @classmethod
    def of(cls, row: reports.AlertRow, base_url: str) -> Self:
        return cls(**row_members(row, base_url))


class ChangeOut(Wire):
    """People: told for the first time (`newly`), told before and inside still, told before and inside no longer.

    `tells_again`: a new version tells those still inside; `tells_outside`: those inside no longer as well.
    """

    model_config = example(newly=1200, still=40672, outside=311, tells_again=True, tells_outside=True)
    newly: int
    still: int
    outside: int
    tells_again: bool
    tells_outside: bool

    @classmethod
    def of(cls, found: reports.AreaChange) -> Self:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


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
        )


def row_members(row: reports.AlertRow, base_url: str) -> dict[str, Any]:
    names = set(AlertOut.model_fields) - {"page_url"}
    return {name: getattr(row, name) for name in names} | {"page_url": base_url + row.page_path}


class ReachOut(Wire):
    """Whom an area reaches now. `recipients` are people, the other numbers are their subscriptions.

    `area` is the effective area: a Feature whose circles stand in its properties as [lon, lat, radius_m]. `drawing` is
    the same for a map: a FeatureCollection in which each circle is a ring, marked `approximation`.
    """

    model_config = example(
        recipients=41872, subscriptions=51224, by_channel={"web_push": 30120, "email": 21104},
        by_language={"en": 40100, "es": 11124},
        by_channel_and_language={"web_push": {"en": 25120, "es": 5000}, "email": {"en": 14980, "es": 6124}},
        area={"type": "Feature", "geometry": SQUARE, "properties": {"circles": []}}, area_km2=2864.1,
        drawing={"type": "FeatureCollection", "features": []}, problems=[],
    )  # fmt: skip
    recipients: int
    subscriptions: int
    by_channel: dict[str, int]
    by_language: dict[str, int]
    by_channel_and_language: dict[str, dict[str, int]]
    area: dict[str, Any] | None
    area_km2: float | None
    drawing: dict[str, Any] | None
    problems: list[ProblemOut]

    @classmethod
    def of(cls, view: reports.ReachView) -> Self:
        return cls(
            recipients=view.reach.recipients,
            subscriptions=view.reach.subscriptions,
            by_channel=view.reach.by_channel,
            by_language=view.reach.by_language,
            by_channel_and_language=view.reach.by_channel_and_language,
            area=view.area.to_geojson() if view.area else None,
            area_km2=round(drawing.area_km2(view.area), 3) if view.area else None,
            drawing=drawing.draw(view.area) if view.area else None,
            problems=[ProblemOut.of(problem) for problem in view.problems],
        )


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

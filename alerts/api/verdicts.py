"""The JSON that says whom an area reaches, and whether a document is right, each with an example."""

from __future__ import annotations

from typing import Any, Literal, Self

from alerts import reports
from alerts.api.answers import ProblemOut
from alerts.api.wire import SQUARE, Wire, example
from alerts.checking import Verdict
from geo import drawing
from notifiers.eligibility import Reach


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


class VerdictOut(ReachOut):
    """Whether a document is right, every problem of it, and whom its area would reach (nobody where it has none)."""

    model_config = example(
        outcome="valid", recipients=0, subscriptions=0, by_channel={}, by_language={}, by_channel_and_language={},
        area=None, area_km2=None, drawing=None, problems=[],
    )  # fmt: skip
    outcome: Literal["valid", "invalid", "not_cap"]

    @classmethod
    def told(cls, verdict: Verdict, reach: Reach) -> Self:
        told = ReachOut.of(reports.ReachView(reach, verdict.area, verdict.problems))
        return cls(outcome=verdict.outcome.value, **dict(told))

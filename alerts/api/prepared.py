"""The JSON of what one person may do alone, prepared: the request to send, and the words that people then get."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from alerts.api.wire import SQUARE, Wire, example
from alerts.service.reducing import Ready
from alerts.service.steps import Step
from notifiers.model import Text


class TextOut(Wire):
    """What people read in one language."""

    model_config = example(
        headline="Missing child: girl, 7 years old", body="Girl, 7 years old.", instruction="Call 911."
    )
    headline: str
    body: str
    instruction: str

    @classmethod
    def all(cls, texts: Mapping[str, Text]) -> dict[str, Self]:
        return {
            language: cls(headline=text.headline, body=text.body, instruction=text.instruction)
            for language, text in texts.items()
        }


class StepOut(Wire):
    """A step: `path` and `body` are the POST that does it, with If-Match; `texts` is what people then get, by language."""

    model_config = example(
        action="withdraw", says="Withdraw the photo 1", path="/v1/alerts/Yk3vQ0mJt2Wn8sRb/reduce",
        body={"withdraw": ["/photos/0"]}, texts={},
    )  # fmt: skip
    action: str
    says: str
    path: str
    body: dict[str, Any] | None
    texts: dict[str, TextOut]

    @classmethod
    def of(cls, step: Step) -> Self:
        body = dict(step.body) if step.body else None
        return cls(action=step.action, says=step.says, path=step.path, body=body, texts=TextOut.all(step.texts))


class LessOut(Wire):
    """What would be left: the words by language, the area, the end, and how many people are inside."""

    model_config = example(texts={}, area=SQUARE, expires_at="2026-05-01T12:00:00Z", reach=41872)
    texts: dict[str, TextOut]
    area: dict[str, Any]
    expires_at: datetime
    reach: int

    @classmethod
    def of(cls, ready: Ready) -> Self:
        whole = ready.whole
        area = whole.area.to_geojson()
        return cls(texts=TextOut.all(ready.texts), area=area, expires_at=whole.expires_at, reach=ready.reach)
